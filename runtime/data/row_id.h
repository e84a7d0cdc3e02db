/// Row ids: a 64-bit number a row that depends on the logical values of its id columns alone. Splits, folds and samples
/// place rows by it, so a row never changes its place because others arrive. Spec: docs/design/nf1-columns.md §Row ids.
#pragma once

#include <cstdint>
#include <span>

#include "runtime/data/column.h"
#include "runtime/data/pool_allocator.h"

namespace cd4ml::data {

/// The mixing step of row ids and of all counter-based random numbers: a bijection of 64 bits.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// The random number of a row for a seed and a purpose-specific counter: uniform in 64 bits.
[[nodiscard]] constexpr std::uint64_t rowRandom(std::uint64_t row_id, std::uint64_t seed) {
  return mix(row_id + mix(seed + 0x9e3779b97f4a7c15ULL));
}

using RowIds = Scratch<std::uint64_t>;

/// One id a row. The order of the columns does not matter. The k-th row (from 0) with equal values adds k.
[[nodiscard]] RowIds rowIds(std::span<const Column> columns, std::int64_t rows, int threads = 1);

}  // namespace cd4ml::data
