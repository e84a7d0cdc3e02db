#include "runtime/monitor/confirm.h"

#include <algorithm>

namespace cd4ml::monitor {

namespace {

/// The window counts as so many rows at most: enough to speak for a tail that the reference lacks, not so many that a change
/// hides itself by widening what chance could do.
constexpr double most_window_rows = 600;

/// Both sides as one distribution: each bin at the means of its values.
NullProfile pooled(const NumberBaseline& baseline, const NumberCounts& window) {
  std::vector<double> values;
  std::vector<double> weights;
  const double window_weight = std::min(1.0, most_window_rows / window.count);
  for (std::size_t b = 0; b < baseline.bins(); ++b) {
    const double both = baseline.counts[b] + window_weight * window.counts[b];
    if (both <= 0) continue;
    values.push_back((baseline.counts[b] * baseline.means[b] + window_weight * window.sums[b]) / both);
    weights.push_back(both);
  }
  return {values, baseline.std, weights};
}

}  // namespace

bool isDoubtful(const NumberBaseline& baseline, const Comparison& comparison, double least_effect) {
  return comparison.statistic == Statistic::Wasserstein && !baseline.constant() && baseline.count < large_baseline &&
         comparison.p < doubtful_chance && comparison.effect >= least_effect;
}

void confirm(std::span<const Doubt> doubts, int threads) {
  std::vector<NullProfile> profiles;
  for (const Doubt& doubt : doubts) profiles.push_back(pooled(*doubt.baseline, *doubt.window));
  const std::vector<NullTable> tables = makeNullTables(profiles, threads);
  for (std::size_t i = 0; i < doubts.size(); ++i) {
    Comparison& comparison = *doubts[i].comparison;
    comparison.p = std::max(comparison.p, tables[i].p(comparison.effect, doubts[i].baseline->count, doubts[i].window->count));
  }
}

}  // namespace cd4ml::monitor
