/// Arrow's readers on the memory of columns: what they free while they read serves the next piece of the file.
#pragma once

#include <arrow/memory_pool.h>

#include "runtime/data/buffer_pool.h"

namespace cd4ml::data {

/// Takes large blocks from a `BufferPool` and small ones from Arrow's own pool. Must outlive every Arrow buffer of its.
class ArrowMemory final : public arrow::MemoryPool {
 public:
  explicit ArrowMemory(std::shared_ptr<BufferPool> large) : large_(std::move(large)), small_(*arrow::default_memory_pool()) {}

  using arrow::MemoryPool::Allocate;
  using arrow::MemoryPool::Free;
  using arrow::MemoryPool::Reallocate;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override;
  arrow::Status Reallocate(std::int64_t old_size, std::int64_t new_size, std::int64_t alignment, std::uint8_t** block) override;
  void Free(std::uint8_t* block, std::int64_t size, std::int64_t alignment) override;
  [[nodiscard]] std::int64_t bytes_allocated() const override { return small_.bytes_allocated(); }
  [[nodiscard]] std::int64_t total_bytes_allocated() const override { return small_.total_bytes_allocated(); }
  [[nodiscard]] std::int64_t num_allocations() const override { return small_.num_allocations(); }
  [[nodiscard]] std::string backend_name() const override { return "cd4ml"; }

 private:
  std::shared_ptr<BufferPool> large_;
  arrow::MemoryPool& small_;
};

/// The one on `columnMemory()`.
[[nodiscard]] arrow::MemoryPool* readerMemory();

}  // namespace cd4ml::data
