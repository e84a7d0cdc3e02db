#include "runtime/data/buffer_pool.h"

#include <sys/mman.h>

#include "base/internal_check.h"

namespace cd4ml::data {

namespace {

constexpr std::size_t kHuge = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;
/// Enough for the columns that one node of 3 million rows frees before the next asks for its own.
constexpr std::size_t kIdleLimit = std::size_t{256} << 20;

std::size_t roundUp(std::size_t size, std::size_t to) { return (size + to - 1) / to * to; }

/// Fresh memory that begins at a huge page; those that it fills are huge, the rest is not.
std::uint8_t* mapBlock(std::size_t length) {
  const std::size_t reserved = length + kHuge;
  void* raw = mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  CD4ML_CHECK(raw != MAP_FAILED);
  const auto address = reinterpret_cast<std::uintptr_t>(raw);
  const std::uintptr_t begin = roundUp(address, kHuge);
  if (begin > address) munmap(raw, begin - address);
  const std::uintptr_t end = begin + length;
  if (address + reserved > end) munmap(reinterpret_cast<void*>(end), address + reserved - end);
  auto* block = reinterpret_cast<std::uint8_t*>(begin);
  madvise(block, length, MADV_HUGEPAGE);
  return block;
}

}  // namespace

std::uint8_t* BufferPool::takeIdle(std::size_t length) {
  const std::scoped_lock lock(mutex_);
  const auto at = idle_.lower_bound(length);
  // A block that is much longer is kept for one that needs it.
  if (at == idle_.end() || at->first > length + length / 4) return nullptr;
  std::uint8_t* block = at->second;
  idle_bytes_ -= at->first;
  if (at->first != length) longer_[block] = at->first;
  idle_.erase(at);
  return block;
}

std::uint8_t* BufferPool::take(std::size_t size) {
  const std::size_t length = roundUp(size, kPage);
  std::uint8_t* block = takeIdle(length);
  return block != nullptr ? block : mapBlock(length);
}

void BufferPool::give(std::uint8_t* block, std::size_t size) {
  std::size_t length = roundUp(size, kPage);
  {
    const std::scoped_lock lock(mutex_);
    if (const auto at = longer_.find(block); at != longer_.end()) {
      length = at->second;
      longer_.erase(at);
    }
    if (idle_bytes_ + length <= idle_limit_) {
      idle_.emplace(length, block);
      idle_bytes_ += length;
      return;
    }
  }
  munmap(block, length);
}

void BufferPool::trim() {
  std::multimap<std::size_t, std::uint8_t*> all;
  {
    const std::scoped_lock lock(mutex_);
    all.swap(idle_);
    idle_bytes_ = 0;
  }
  for (const auto& [length, block] : all) munmap(block, length);
}

std::size_t BufferPool::idleBytes() const {
  const std::scoped_lock lock(mutex_);
  return idle_bytes_;
}

const std::shared_ptr<BufferPool>& columnMemory() {
  static const auto pool = std::make_shared<BufferPool>(kIdleLimit);
  return pool;
}

}  // namespace cd4ml::data
