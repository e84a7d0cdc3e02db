/// One column of a window against its baseline: statistic, chance, effect. Whether it is an alarm is decided over all
/// columns together (`judge.h`).
#pragma once

#include <cstdint>
#include <string_view>

#include "runtime/monitor/levels.h"
#include "runtime/monitor/numbers.h"

namespace cd4ml::monitor {

enum class Statistic : std::uint8_t { Wasserstein, ChiSquared, Stability, Kolmogorov, JensenShannon };
/// "w1", "chi2", "psi", "ks", "js".
[[nodiscard]] std::string_view statisticText(Statistic statistic);
[[nodiscard]] Statistic statisticOf(std::string_view text);
/// What is computed where `asked` is written: w1 and ks have no meaning for levels, which are told apart by chi2.
[[nodiscard]] Statistic statisticForLevels(Statistic asked);

struct Comparison {
  Statistic statistic = Statistic::Wasserstein;
  double value = 0;    ///< of the statistic
  double effect = 0;   ///< in the unit of the option `effect`
  double p = 1;        ///< chance of a value at least as great where nothing has changed
};

/// Least count that is expected of a level that stands alone in a chi-squared test.
constexpr double least_expected = 5;
/// A window with fewer values says nothing.
constexpr double least_values = 50;

[[nodiscard]] Comparison compareNumbers(const NumberBaseline& baseline, const NumberCounts& window, Statistic statistic);
[[nodiscard]] Comparison compareLevels(const LevelBaseline& baseline, const LevelCounts& window, Statistic statistic);

}  // namespace cd4ml::monitor
