/// Are two lists of counts draws from one distribution? Pearson's chi-squared on the 2 x K table of both.
///
/// Unlike a test of fit, which takes the reference for the truth, it counts the noise of both sides. Levels too rare for
/// the approximation are pooled first, by what is expected of them, so the choice does not favour either side.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cd4ml::monitor {

struct ContingencyResult {
  double statistic = 0;
  double degrees = 0;  ///< levels that are left, less one
  double p = 1;
};

/// Of two lists of equal length; levels that neither has are left out. One level: p is 1.
[[nodiscard]] ContingencyResult contingency(std::span<const double> reference, std::span<const double> window);

/// Two lists of equal length, rare levels pooled into the last.
struct PooledCounts {
  std::vector<double> reference;
  std::vector<double> window;
  std::size_t pooled = 0;  ///< how many levels went into the last
};
/// Rows of levels that are not listed: those that were not kept, and those that the reference never had. They are always
/// pooled: a cell of levels chosen for being absent on one side would differ by that choice alone.
struct Unlisted {
  double reference = 0;
  double window = 0;
};
/// Pools levels of which fewer than `least` are expected on the smaller side.
[[nodiscard]] PooledCounts poolRare(std::span<const double> reference, std::span<const double> window, double least, Unlisted unlisted = {});

/// Half the sum of the differences of shares: the share of rows that would have to change their level.
[[nodiscard]] double totalVariation(std::span<const double> reference, std::span<const double> window);
/// sqrt(chi-squared / (rows * least dimension)), corrected for its bias (Bergsma 2013).
[[nodiscard]] double cramersV(const ContingencyResult& result, double rows);

}  // namespace cd4ml::monitor
