/// HTTP/1.1 requests from bytes as they arrive. Strict where requests could be smuggled or misread: whatever is not plainly a
/// request is refused, and the connection ends with the refusal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/serve/limits.h"

namespace cd4ml::serve {

enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Trace, Other };
[[nodiscard]] std::string_view methodText(Method method);

/// A request whose views point into the buffer it was read from.
struct Request {
  Method method = Method::Get;
  std::string_view path;            ///< without query, not decoded
  std::string_view query;
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  bool has_length = false;
  std::size_t content_length = 0;
  std::string_view host;
  std::string_view origin;
  std::string_view authorization;
  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view accept;
  std::string_view request_id;      ///< X-Request-Id, X-Amzn-SageMaker-Inference-Id
  std::string_view timeout_ms;      ///< X-Request-Timeout-Ms
  std::string_view on_error;        ///< X-On-Error
  std::string_view tensor_length;   ///< Inference-Header-Content-Length: binary tensors follow
  std::string_view traceparent;
  std::string_view body;
};

/// Why a request is refused.
struct Refusal {
  int status = 0;
  std::string_view reason;
};

/// Parses one request at the front of a buffer. `parse` is called again with more bytes until it is done; it may move the
/// pieces of a chunked body together, in place.
class RequestParser {
 public:
  enum class State : std::uint8_t { Header, Body, Complete, Refused };

  explicit RequestParser(const Limits& limits) : limits_(&limits) {}

  /// `data`: all bytes from the beginning of the request on. The same bytes may lie elsewhere than at the last call.
  State parse(char* data, std::size_t size);
  [[nodiscard]] State state() const { return state_; }
  /// Valid in Body and Complete, until the buffer moves.
  [[nodiscard]] const Request& request() const { return request_; }
  [[nodiscard]] const Refusal& refusal() const { return refusal_; }
  /// Bytes of the buffer that the complete request took.
  [[nodiscard]] std::size_t consumed() const { return consumed_; }
  /// Bytes that are needed before parsing can go on; a hint for the buffer.
  [[nodiscard]] std::size_t wanted() const;
  void reset();

 private:
  State refuse(int status, std::string_view reason);
  bool parseHeader(std::string_view header);
  bool parseRequestLine(std::string_view line);
  bool takeTarget(std::string_view target);
  bool takeField(std::string_view name, std::string_view value);
  bool takeLength(std::string_view value);
  State parseBody(char* data, std::size_t size);
  State parseChunks(char* data, std::size_t size);

  const Limits* limits_;
  State state_ = State::Header;
  Request request_;
  Refusal refusal_;
  const char* base_ = nullptr;      ///< where the views of request_ point into
  std::size_t scanned_ = 0;
  std::size_t header_size_ = 0;
  std::size_t consumed_ = 0;
  std::size_t raw_ = 0;             ///< chunked: next byte to look at
  std::size_t decoded_ = 0;         ///< chunked: end of the body so far
  std::size_t chunk_left_ = 0;
  std::size_t trailer_bytes_ = 0;
  enum class Chunk : std::uint8_t { Size, Data, DataEnd, Trailer } chunk_ = Chunk::Size;
  bool has_host_ = false;
  bool has_encoding_ = false;
  bool http_10_ = false;
};

}  // namespace cd4ml::serve
