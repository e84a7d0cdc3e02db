/// The distribution of a category or a truth value as a bundle keeps it, and a window's rows counted by its levels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/score/column_view.h"

namespace cd4ml::monitor {

struct LevelCount {
  std::string level;
  double count = 0;
};

/// The most frequent levels, most frequent first (equal ones by name), and the rest together.
struct LevelBaseline {
  static constexpr std::size_t most = 256;
  double count = 0;             ///< values that are not null
  std::vector<LevelCount> levels;
  double rest = 0;              ///< rows of levels that are not kept
  std::uint64_t distinct = 0;   ///< levels there were
};

/// Whether a column's values are levels.
[[nodiscard]] bool isLevels(ir::Kind kind);

[[nodiscard]] LevelBaseline describeLevels(const score::ColumnView& column);

struct LevelCounts {
  std::vector<double> counts;     ///< one a kept level
  double other = 0;               ///< rows of all others
  std::vector<LevelCount> others; ///< the most frequent of them, at most ten
  double count = 0;               ///< values that are not null
  double nulls = 0;
};
[[nodiscard]] LevelCounts countLevels(const score::ColumnView& column, const LevelBaseline& baseline);

}  // namespace cd4ml::monitor
