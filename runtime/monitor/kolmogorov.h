/// The test of Kolmogorov and Smirnov for two samples.
#pragma once

#include <cstdint>
#include <span>

namespace cd4ml::monitor {

/// The greatest distance of the two distribution functions; both samples rising, neither empty.
[[nodiscard]] double kolmogorovDistance(std::span<const double> a, std::span<const double> b);

/// P(distance >= d) of samples of n and m values from one continuous distribution: exact by counting lattice paths
/// (Hodges 1958) while n * m <= 10^7, else by the limiting distribution.
[[nodiscard]] double kolmogorovP(double d, std::int64_t n, std::int64_t m);

}  // namespace cd4ml::monitor
