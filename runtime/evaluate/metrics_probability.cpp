#include <algorithm>
#include <cmath>

#include "runtime/evaluate/logarithm.h"
#include "runtime/evaluate/metrics.h"
#include "runtime/evaluate/score_ties.h"
#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

/// The share of pairs of a true and a false row that the score puts in order; a tie counts half.
MetricValue auc(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  sortByScore(outcomes);
  double below = 0;
  double positives = 0;
  score::FixedSum area;
  eachTie(outcomes, outcomes.by_score.begin(), outcomes.by_score.end(), [&](const Tie& tie) {
    area.add(tie.positive * (below + 0.5 * tie.negative));
    below += tie.negative;
    positives += tie.positive;
  });
  if (positives == 0 || below == 0) return undefined("one class only");
  return known(area.total() / (positives * below));
}

MetricValue averagePrecision(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  sortByScore(outcomes);
  double hits = 0;
  double alarms = 0;
  score::FixedSum area;
  eachTie(outcomes, outcomes.by_score.rbegin(), outcomes.by_score.rend(), [&](const Tie& tie) {
    hits += tie.positive;
    alarms += tie.negative;
    if (tie.positive > 0) area.add(tie.positive * (hits / (hits + alarms)));
  });
  if (hits == 0) return undefined("no true row");
  return known(area.total() / hits);
}

MetricValue logLoss(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  constexpr double least = 0x1p-52;
  std::vector<double> given(outcomes.rows());
  for (std::size_t i = 0; i < given.size(); ++i) {
    const double p = std::clamp(outcomes.task == ir::Task::Multiclass ? outcomes.given[i] : outcomes.probability[i], least, 1 - least);
    given[i] = outcomes.task == ir::Task::Binary && outcomes.actual[i] == 0 ? 1 - p : p;
  }
  const std::vector<double> logs = logarithms(given);
  return known(-meanOver(outcomes, [&](std::size_t i) { return logs[i]; }));
}

MetricValue brier(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  return known(meanOver(outcomes, [&](std::size_t i) {
    const double gap = outcomes.probability[i] - outcomes.actual[i];
    return gap * gap;
  }));
}

MetricValue calibrationError(const ir::Metric& metric, Outcomes& outcomes) {
  const auto bins = static_cast<std::size_t>(numberOption(metric, "bins").value_or(10));
  std::vector<score::FixedSum> gaps(bins);
  double total = 0;
  for (std::size_t i = 0; i < outcomes.rows(); ++i) {
    const double p = outcomes.probability[i];
    const bool hit = outcomes.task == ir::Task::Binary ? outcomes.actual[i] != 0 : outcomes.actual[i] == outcomes.predicted[i];
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(p * static_cast<double>(bins)));
    gaps[bin].add(outcomes.weightOf(i) * (p - (hit ? 1.0 : 0.0)));
    total += outcomes.weightOf(i);
  }
  double sum = 0;
  for (score::FixedSum& gap : gaps) sum += std::fabs(gap.total());
  return known(sum / total);
}

}  // namespace cd4ml::evaluate
