/// Lets a `std::vector` lie in column memory: `Scratch<T>` is one whose elements are not set when it is made.
#pragma once

#include <memory>
#include <new>
#include <vector>

#include "runtime/data/buffer_pool.h"

namespace cd4ml::data {

template <class T>
class PoolAllocator {
 public:
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  explicit(false) PoolAllocator(const PoolAllocator<U>&) {}

  [[nodiscard]] T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < pooled_from) return std::allocator<T>().allocate(count);
    return reinterpret_cast<T*>(columnMemory()->take(bytes));
  }
  void deallocate(T* block, std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    if (bytes < pooled_from) return std::allocator<T>().deallocate(block, count);
    columnMemory()->give(reinterpret_cast<std::uint8_t*>(block), bytes);
  }
  /// Elements are left as they are: who makes a Scratch writes all of it.
  template <class U>
  void construct(U* at) {
    ::new (static_cast<void*>(at)) U;
  }
  template <class U, class... Args>
  void construct(U* at, Args&&... args) {
    std::construct_at(at, std::forward<Args>(args)...);
  }
  friend bool operator==(const PoolAllocator&, const PoolAllocator&) { return true; }
};

template <class T>
using Scratch = std::vector<T, PoolAllocator<T>>;

}  // namespace cd4ml::data
