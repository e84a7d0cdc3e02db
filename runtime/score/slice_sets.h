/// Tests of sets of categories without vector instructions: a code's bits of 64 tests are a row of a square of bits, and
/// 64 rows transposed are the tests.
///
/// For the kernels' own files, which are compiled for different instruction sets: everything here is local to a file.
#pragma once

#include <cstdint>

#include "runtime/score/slice_kernel.h"

namespace cd4ml::score {
namespace {

/// Bit c of word r becomes bit r of word c (Warren, Hacker's Delight, 7-3).
inline void transpose64(std::uint64_t* words) {
  std::uint64_t mask = 0x00000000FFFFFFFF;
  for (unsigned j = 32; j != 0; j /= 2, mask ^= mask << j) {
    for (unsigned k = 0; k < 64; k = (k + j + 1) & ~j) {
      const std::uint64_t t = ((words[k] >> j) ^ words[k + j]) & mask;
      words[k] ^= t << j;
      words[k + j] ^= t;
    }
  }
}

/// The code that setHolds() reads from a value; `none` where it reads none.
inline std::uint32_t codeOf(double value, std::uint32_t none) {
  return value > -1.0 && value < static_cast<double>(none) ? static_cast<std::uint32_t>(static_cast<std::int32_t>(value)) : none;
}

[[maybe_unused]] inline void testSetsBySquares(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes) {
  std::uint64_t square[group_rows];
  const std::uint64_t* row[group_rows];
  for (std::uint32_t g = 0; g < groups; ++g) {
    for (std::uint32_t i = 0; i < group_rows; ++i) {
      row[i] = tests.rights + static_cast<std::size_t>(codeOf(values[g * group_rows + i], tests.codes)) * tests.words;
    }
    for (std::uint32_t w = 0; w < tests.words; ++w) {
      for (std::uint32_t i = 0; i < group_rows; ++i) square[i] = row[i][w];
      transpose64(square);
      const std::uint32_t count = tests.count - 64 * w < 64 ? tests.count - 64 * w : 64;
      for (std::uint32_t t = 0; t < count; ++t) planes[tests.first_plane + 64 * w + t].words[g] = square[t];
    }
  }
}

}  // namespace
}  // namespace cd4ml::score
