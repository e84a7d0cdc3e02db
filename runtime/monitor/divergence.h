/// Divergences of two lists of counts over the same levels, in nats.
#pragma once

#include <span>

namespace cd4ml::monitor {

/// Kullback-Leibler: infinite where the window has none of what the reference has.
[[nodiscard]] double relativeEntropy(std::span<const double> reference, std::span<const double> window);
/// Jensen-Shannon divergence: finite, symmetric, at most ln 2.
[[nodiscard]] double jensenShannonDivergence(std::span<const double> reference, std::span<const double> window);
/// Its square root, a distance.
[[nodiscard]] double jensenShannonDistance(std::span<const double> reference, std::span<const double> window);

}  // namespace cd4ml::monitor
