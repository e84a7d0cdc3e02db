/// The decision of one split, exactly as LightGBM 4.7 takes it when it predicts.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "runtime/score/forest.h"

namespace cd4ml::score {

/// Numbers no further from 0 than this are 0 to LightGBM (its constant is a float32).
inline constexpr double zero_width = static_cast<double>(1e-35F);

[[nodiscard]] inline bool setHolds(std::span<const std::uint32_t> sets, const Split& split, double value) {
  // Codes come as whole numbers; what is beyond int32 is in no set. -0.5 counts as 0, as a cast to int makes it.
  if (!(value > -1.0) || !(value < 2147483648.0)) return false;
  const auto code = static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
  const std::uint32_t word = code / 32;
  if (word >= split.set_end - split.set_begin) return false;
  return ((sets[split.set_begin + word] >> (code % 32)) & 1U) != 0;
}

[[nodiscard]] inline bool goesLeft(const Split& split, std::span<const std::uint32_t> sets, double value) {
  if (split.categorical) return setHolds(sets, split, value);
  const bool nan = std::isnan(value);
  if (split.missing == Missing::NaN && nan) return split.default_left;
  const double number = nan || std::fabs(value) <= zero_width ? 0.0 : value;
  if (split.missing == Missing::Zero && number == 0.0) return split.default_left;
  return number <= split.threshold;
}

}  // namespace cd4ml::score
