#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "base/internal_check.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kHuge = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;

std::size_t roundUp(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

/// Fresh 4 kB pages cost five times the arithmetic that fills them, so large buffers start at a huge-page boundary.
std::shared_ptr<std::uint8_t> mapLarge(std::size_t size) {
  const std::size_t length = roundUp(size, kPage);
  const std::size_t reserved = length + kHuge;
  void* raw = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CD4ML_CHECK(raw != MAP_FAILED);
  const auto address = reinterpret_cast<std::uintptr_t>(raw);
  const std::uintptr_t begin = roundUp(address, kHuge);
  if (begin > address) munmap(raw, begin - address);
  const std::uintptr_t end = begin + length;
  if (address + reserved > end) munmap(reinterpret_cast<void*>(end), address + reserved - end);
  auto* data = reinterpret_cast<std::uint8_t*>(begin);
  madvise(data, length, MADV_HUGEPAGE);
  return {data, [length](std::uint8_t* p) { munmap(p, length); }};
}

}  // namespace

std::shared_ptr<std::uint8_t> allocateBuffer(std::size_t size) {
  const std::size_t padded = roundUp(size == 0 ? 1 : size, kBlock);
  if (padded >= kHuge) return mapLarge(padded);
  auto* data = static_cast<std::uint8_t*>(std::aligned_alloc(kBlock, padded));
  CD4ML_CHECK(data != nullptr);
  std::memset(data + padded - kBlock, 0, kBlock);
  return {data, [](std::uint8_t* p) { std::free(p); }};
}

std::shared_ptr<std::uint8_t> allocateValidity(std::int64_t rows) {
  const auto bytes = roundUp(static_cast<std::size_t>(rows + 7) / 8, kBlock);
  auto bits = allocateBuffer(bytes);
  std::memset(bits.get(), 0xff, bytes);
  return bits;
}

}  // namespace cd4ml::data
