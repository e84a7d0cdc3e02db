/// Large blocks of memory that columns live in, kept for a while after use.
///
/// The kernel clears every fresh page; for columns that costs more than the arithmetic that fills them. So blocks lie on
/// huge pages, and a block that is given back waits, up to a limit, for the next one of about its size. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace cd4ml::data {

class BufferPool {
 public:
  /// Keeps at most `idle_limit` bytes of blocks that nobody uses.
  explicit BufferPool(std::size_t idle_limit) : idle_limit_(idle_limit) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool() { trim(); }

  /// At least `size` bytes that begin at a huge page. What they hold is unspecified.
  [[nodiscard]] std::uint8_t* take(std::size_t size);
  /// Gives back what `take(size)` gave.
  void give(std::uint8_t* block, std::size_t size);
  /// Returns the memory of all idle blocks to the system.
  void trim();
  [[nodiscard]] std::size_t idleBytes() const;

 private:
  [[nodiscard]] std::uint8_t* takeIdle(std::size_t length);

  const std::size_t idle_limit_;
  mutable std::mutex mutex_;
  std::size_t idle_bytes_ = 0;
  std::multimap<std::size_t, std::uint8_t*> idle_;  ///< by length
  std::map<std::uint8_t*, std::size_t> longer_;     ///< blocks in use that are longer than was asked for
};

/// Blocks of at least this size come from the pool, smaller ones from the heap.
constexpr std::size_t pooled_from = std::size_t{2} << 20;

/// The pool behind `allocateBuffer`: like the heap there is one a process, and no result can tell.
[[nodiscard]] const std::shared_ptr<BufferPool>& columnMemory();

}  // namespace cd4ml::data
