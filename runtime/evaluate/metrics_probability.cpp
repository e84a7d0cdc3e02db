#include <algorithm>
#include <cmath>

#include "runtime/evaluate/metrics.h"
#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

namespace {

/// Weights of the true and false rows that share one score.
struct Tie {
  double positive = 0;
  double negative = 0;
};

/// Calls `use(tie)` for each distinct score; scores rise from begin to end.
template <class Iterator, class Use>
void eachTie(const Outcomes& outcomes, Iterator begin, Iterator end, const Use& use) {
  while (begin != end) {
    const double score = outcomes.probability[*begin];
    Tie tie;
    for (; begin != end && outcomes.probability[*begin] == score; ++begin) {
      (outcomes.actual[*begin] != 0 ? tie.positive : tie.negative) += outcomes.weightOf(*begin);
    }
    use(tie);
  }
}

}  // namespace

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
  return known(meanOver(outcomes, [&](std::size_t i) {
    double p = outcomes.task == ir::Task::Multiclass ? outcomes.given[i] : outcomes.probability[i];
    p = std::clamp(p, least, 1 - least);
    return outcomes.task == ir::Task::Binary && outcomes.actual[i] == 0 ? -std::log(1 - p) : -std::log(p);
  }));
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
