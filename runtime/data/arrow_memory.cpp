#include "runtime/data/arrow_memory.h"

#include <arrow/status.h>

#include <algorithm>
#include <cstring>

namespace cd4ml::data {

namespace {

bool isLarge(std::int64_t size) { return size >= static_cast<std::int64_t>(pooled_from); }

}  // namespace

arrow::Status ArrowMemory::Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) {
  if (!isLarge(size)) return small_.Allocate(size, alignment, out);
  *out = large_->take(static_cast<std::size_t>(size));
  return arrow::Status::OK();
}

arrow::Status ArrowMemory::Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment, std::uint8_t** block) {
  if (!isLarge(old_size) && !isLarge(new_size)) return small_.Reallocate(old_size, new_size, alignment, block);
  std::uint8_t* moved = nullptr;
  ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &moved));
  std::memcpy(moved, *block, static_cast<std::size_t>(std::min(old_size, new_size)));
  Free(*block, old_size, alignment);
  *block = moved;
  return arrow::Status::OK();
}

void ArrowMemory::Free(std::uint8_t* block, std::int64_t size, std::int64_t alignment) {
  if (!isLarge(size)) return small_.Free(block, size, alignment);
  large_->give(block, static_cast<std::size_t>(size));
}

arrow::MemoryPool* readerMemory() {
  // Arrays may outlive the reader that made them, like those of Arrow's own pool: it is never taken down.
  static auto* const memory = std::make_unique<ArrowMemory>(columnMemory()).release();
  return memory;
}

}  // namespace cd4ml::data
