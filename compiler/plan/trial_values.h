/// The values that a search may give an option: points of a range and draws from it, the same wherever they are made.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::plan {

/// An int or a float as a number.
[[nodiscard]] double numberOf(const ir::Literal& literal);
/// An int among options; `otherwise` where it is not given.
[[nodiscard]] std::int64_t optionOf(const std::vector<ir::Option>& options, std::string_view name, std::int64_t otherwise);

/// The value at `share` (0 to 1) of a range's way from its low to its high end, by logarithms if the range says so.
[[nodiscard]] ir::Literal valueAt(const ir::Tune::Range& range, double share);
/// How far up its range a number lies: the way back of `valueAt`.
[[nodiscard]] double shareOf(const ir::Tune::Range& range, const ir::Literal& value);

/// Uniform in [0, 1): 53 bits of a hash of (seed, trial, what).
[[nodiscard]] double drawOf(std::int64_t seed, std::int64_t trial, std::string_view what);
/// The value that a draw means; each element of a list and each whole number is equally likely.
[[nodiscard]] ir::Literal drawValue(const ir::Tune::Range& range, double draw);

}  // namespace cd4ml::plan
