/// Rows by rising score.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cd4ml::evaluate {

/// Row numbers, scores rising, equal scores in row order. -0.0 comes before 0.0; no NaN.
[[nodiscard]] std::vector<std::uint32_t> orderByScore(std::span<const double> scores);

}  // namespace cd4ml::evaluate
