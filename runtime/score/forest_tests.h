/// All distinct tests of a forest, numbered: each is evaluated once a block of rows, however many splits ask it.
///
/// A test says whether a row goes right, exactly as forest_decide.h: test `plane_of[tree][split]` of a row is 1 iff
/// goesLeft() of that split is false.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/score/forest.h"
#include "runtime/score/slice_kernel.h"

namespace cd4ml::score {

/// Doubles in whole cache lines.
struct alignas(64) DoubleLine {
  double values[8];
};

struct ForestTests {
  std::uint32_t planes = 0;                           ///< tests in all
  std::vector<CutTests> cuts;                         ///< they point into `lines`
  std::vector<SetTests> sets;                         ///< they point into `rights`
  std::vector<std::vector<std::uint32_t>> plane_of;   ///< [tree][split]
  std::vector<std::vector<DoubleLine>> lines;
  std::vector<std::vector<std::uint64_t>> rights;
  std::vector<std::vector<Plane>> rights_by_test;
};

/// Nothing where the sets of categories are too large to be tabled.
[[nodiscard]] std::optional<ForestTests> makeTests(const Forest& forest);

}  // namespace cd4ml::score
