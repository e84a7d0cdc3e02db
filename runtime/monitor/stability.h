/// The population stability index of two lists of counts over the same bins.
#pragma once

#include <span>

namespace cd4ml::monitor {

/// Sum of (q - p) ln(q / p) over the shares; a share of 0 counts as `floor`.
[[nodiscard]] double stabilityIndex(std::span<const double> reference, std::span<const double> window, double floor = 1e-4);

}  // namespace cd4ml::monitor
