/// One client: what it sent and is not answered yet, and what it has not taken yet.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "runtime/serve/http_request.h"

namespace cd4ml::serve {

/// Bytes received; always readable 64 bytes beyond its end, as simdjson wants it.
class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { std::free(memory_); }

  [[nodiscard]] char* data() const { return memory_ + begin_; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// Room behind the bytes, at least `least`.
  char* room(std::size_t least, std::size_t& size);
  void added(std::size_t count) { end_ += count; }
  /// Lets go of bytes at the front; an empty buffer that has grown is given back.
  void consume(std::size_t count);

 private:
  static constexpr std::size_t slack = 64;
  char* memory_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

struct Connection {
  Connection(int descriptor, std::uint64_t serial, const Limits& limits) : fd(descriptor), number(serial), parser(limits) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Names it in events, queues and other threads: descriptors are used again, numbers are not.
  [[nodiscard]] std::uint64_t token() const { return number << 24U | static_cast<std::uint64_t>(fd); }

  int fd;
  std::uint64_t number;              ///< never used again, unlike the descriptor
  RequestParser parser;
  InputBuffer in;
  std::string out;
  std::size_t sent = 0;              ///< of `out`
  bool readable = true;
  bool peer_done = false;            ///< the client sends nothing more
  bool closing = false;              ///< ends when `out` is sent
  std::int64_t linger_us = 0;        ///< our side is shut: what still comes is thrown away until then
  bool queued = false;               ///< a request waits for its turn
  bool dead = false;                 ///< closed; its memory goes at the end of the turn
  bool parked = false;               ///< an answer is made by another thread
  bool continued = false;            ///< 100 Continue was sent
  std::size_t in_turn = 0;           ///< requests answered in this turn
  std::int64_t request_us = 0;       ///< first byte of the present request; 0: there is none
  std::int64_t progress_us = 0;      ///< last byte in
  std::int64_t write_us = 0;         ///< when the client last took something while more waits; 0: nothing waits
  std::int64_t arrived_us = 0;       ///< the present request was whole
};

}  // namespace cd4ml::serve
