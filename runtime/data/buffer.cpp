#include <cstdlib>
#include <cstring>

#include "base/internal_check.h"
#include "runtime/data/buffer_pool.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kBlock = 64;

std::size_t roundUp(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

std::shared_ptr<std::uint8_t> allocateLarge(std::size_t size) {
  // Who holds a buffer holds the pool, so that buffers may outlive everything else.
  return {columnMemory()->take(size), [pool = columnMemory(), size](std::uint8_t* p) { pool->give(p, size); }};
}

std::shared_ptr<std::uint8_t> allocateSmall(std::size_t size) {
  auto* data = static_cast<std::uint8_t*>(std::aligned_alloc(kBlock, size));
  CD4ML_CHECK(data != nullptr);
  return {data, [](std::uint8_t* p) { std::free(p); }};
}

}  // namespace

std::shared_ptr<std::uint8_t> allocateBuffer(std::size_t size) {
  const std::size_t padded = roundUp(size == 0 ? 1 : size, kBlock);
  auto buffer = padded >= pooled_from ? allocateLarge(padded + kBlock) : allocateSmall(padded + kBlock);
  // Codes are places in tables: those in the padding must be in bounds.
  std::memset(buffer.get() + padded - kBlock, 0, 2 * kBlock);
  return buffer;
}

std::shared_ptr<std::uint8_t> allocateValidity(std::int64_t rows) {
  const auto bytes = roundUp(static_cast<std::size_t>(rows + 7) / 8, kBlock);
  auto bits = allocateBuffer(bytes);
  std::memset(bits.get(), 0xff, bytes);
  return bits;
}

}  // namespace cd4ml::data
