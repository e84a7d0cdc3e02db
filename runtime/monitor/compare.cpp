#include "runtime/monitor/compare.h"

#include <array>
#include <cmath>

#include "base/internal_check.h"
#include "runtime/monitor/contingency.h"
#include "runtime/monitor/divergence.h"
#include "runtime/monitor/kolmogorov.h"
#include "runtime/monitor/special_functions.h"
#include "runtime/monitor/stability.h"

namespace cd4ml::monitor {

namespace {

constexpr std::array<std::string_view, 5> texts{"w1", "chi2", "psi", "ks", "js"};
constexpr std::size_t groups = 10;  ///< of like shares of the reference, for what compares shares of bins

double effectiveRows(double n, double m) { return n * m / (n + m); }

void addUnlisted(std::vector<double>& reference, std::vector<double>& window, Unlisted unlisted) {
  if (unlisted.reference + unlisted.window <= 0) return;
  reference.push_back(unlisted.reference);
  window.push_back(unlisted.window);
}

/// The statistics of two lists of counts. With rows n and m, PSI n m / (n + m) and 8 JS n m / (n + m) are chi-squared with
/// as many degrees as there are levels less one, where nothing has changed.
Comparison compareCounts(std::vector<double> reference, std::vector<double> window, double n, double m, Statistic statistic, Unlisted unlisted) {
  Comparison out{.statistic = statistic};
  const PooledCounts pooled = poolRare(reference, window, least_expected, unlisted);
  const auto degrees = static_cast<double>(pooled.reference.size()) - 1;
  switch (statistic) {
    case Statistic::ChiSquared: {
      const ContingencyResult test = contingency(pooled.reference, pooled.window);
      out.value = test.statistic;
      out.p = test.p;
      out.effect = totalVariation(pooled.reference, pooled.window);
      return out;
    }
    case Statistic::Stability:
      addUnlisted(reference, window, unlisted);
      out.value = out.effect = stabilityIndex(reference, window);
      if (degrees >= 1) out.p = chiSquaredTail(effectiveRows(n, m) * stabilityIndex(pooled.reference, pooled.window), degrees);
      return out;
    case Statistic::JensenShannon:
      addUnlisted(reference, window, unlisted);
      out.value = out.effect = jensenShannonDistance(reference, window);
      if (degrees >= 1) out.p = chiSquaredTail(8 * effectiveRows(n, m) * jensenShannonDivergence(pooled.reference, pooled.window), degrees);
      return out;
    case Statistic::Wasserstein:
    case Statistic::Kolmogorov: break;
  }
  CD4ML_UNREACHABLE("a statistic of counts");
}

/// A reference of one value: the share of rows that are another one.
Comparison compareConstant(const NumberBaseline& baseline, const NumberCounts& window) {
  const std::array<double, 2> reference{baseline.count - baseline.beyond, baseline.beyond};
  const std::array<double, 2> now{window.count - window.beyond, window.beyond};
  const ContingencyResult test = contingency(reference, now);
  return {.statistic = Statistic::ChiSquared, .value = test.statistic, .effect = totalVariation(reference, now), .p = test.p};
}

}  // namespace

std::string_view statisticText(Statistic statistic) { return texts[static_cast<std::size_t>(statistic)]; }

Statistic statisticOf(std::string_view text) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i] == text) return static_cast<Statistic>(i);
  }
  CD4ML_UNREACHABLE("the name of a statistic");
}

Statistic statisticForLevels(Statistic asked) {
  switch (asked) {
    case Statistic::Wasserstein:
    case Statistic::Kolmogorov:
    case Statistic::ChiSquared: return Statistic::ChiSquared;
    case Statistic::Stability:
    case Statistic::JensenShannon: return asked;
  }
  CD4ML_UNREACHABLE("Statistic");
}

Comparison compareNumbers(const NumberBaseline& baseline, const NumberCounts& window, Statistic statistic) {
  if (baseline.constant()) return compareConstant(baseline, window);
  switch (statistic) {
    case Statistic::Wasserstein: {
      const double effect = earthMoved(baseline, window);
      return {.statistic = statistic, .value = effect, .effect = effect, .p = baseline.null.p(effect, baseline.count, window.count)};
    }
    case Statistic::Kolmogorov: {
      const double distance = greatestDistance(baseline, window);
      const double p = kolmogorovP(distance, std::llround(baseline.count), std::llround(window.count));
      return {.statistic = statistic, .value = distance, .effect = distance, .p = p};
    }
    case Statistic::ChiSquared:
    case Statistic::Stability:
    case Statistic::JensenShannon: break;
  }
  const Grouped grouped = groupBins(baseline, window, groups);
  return compareCounts(grouped.reference, grouped.window, baseline.count, window.count, statistic, {});
}

Comparison compareLevels(const LevelBaseline& baseline, const LevelCounts& window, Statistic statistic) {
  std::vector<double> reference;
  for (const LevelCount& level : baseline.levels) reference.push_back(level.count);
  return compareCounts(reference, window.counts, baseline.count, window.count, statisticForLevels(statistic), {baseline.rest, window.other});
}

}  // namespace cd4ml::monitor
