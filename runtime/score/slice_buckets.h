/// Tests of cuts without vector instructions: rows go to buckets by rank, and a row is right of a cut when its bucket is.
///
/// For the kernels' own files, which are compiled for different instruction sets: everything here is local to a file.
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/score/slice_kernel.h"

namespace cd4ml::score {
namespace {

/// Number of cuts below `value`, by halving without branches on the data.
inline std::uint32_t rankByHalving(const double* cuts, std::uint32_t count, double value) {
  const double* base = cuts;
  std::uint32_t left = count;
  while (left > 1) {
    const std::uint32_t half = left / 2;
    base += base[half - 1] < value ? half : 0;
    left -= half;
  }
  return static_cast<std::uint32_t>(base - cuts) + (*base < value ? 1 : 0);
}

inline std::uint32_t rankOf(const CutTests& tests, double value) {
  const double width = value < 0 ? -value : value;
  const std::uint32_t rank = rankByHalving(tests.cuts, tests.count, value);
  return width > tests.special_width ? rank : tests.special_rank;  // false for NaN
}

/// `buckets`: room for tests.count + 1 words.
[[maybe_unused]] inline void testCutsByBuckets(const CutTests& tests, const double* values, std::uint32_t groups, std::uint64_t* buckets, Plane* planes) {
  for (std::uint32_t g = 0; g < groups; ++g) {
    for (std::uint32_t k = 0; k <= tests.count; ++k) buckets[k] = 0;
    for (std::uint32_t i = 0; i < group_rows; ++i) buckets[rankOf(tests, values[g * group_rows + i])] |= std::uint64_t{1} << i;
    std::uint64_t right = 0;
    for (std::uint32_t k = tests.count; k > 0; --k) {
      right |= buckets[k];
      planes[tests.first_plane + k - 1].words[g] = right;
    }
  }
}

}  // namespace
}  // namespace cd4ml::score
