// Metrics of the order in which a model puts the rows: the highest of them, the gap of two distributions, classes by rank.
#include <algorithm>
#include <cmath>

#include "runtime/evaluate/metrics.h"
#include "runtime/evaluate/score_ties.h"
#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

namespace {

/// True rows and all rows (by weight) among the `wanted` with the highest probability, and in all.
struct Highest {
  double hits = 0;
  double taken = 0;
  double positives = 0;
  double total = 0;
};

double totalWeight(const Outcomes& outcomes) {
  return score::sumOf(outcomes.rows(), [&](std::size_t i) { return outcomes.weightOf(i); });
}

/// Rows tied at the cut count in proportion: their order says nothing.
Highest highest(Outcomes& outcomes, double wanted) {
  sortByScore(outcomes);
  Highest out;
  eachTie(outcomes, outcomes.by_score.rbegin(), outcomes.by_score.rend(), [&](const Tie& tie) {
    const double size = tie.positive + tie.negative;
    out.positives += tie.positive;
    out.total += size;
    if (size == 0 || out.taken >= wanted) return;
    const double share = std::min(1.0, (wanted - out.taken) / size);
    out.hits += share * tie.positive;
    out.taken = share < 1.0 ? wanted : out.taken + size;
  });
  return out;
}

}  // namespace

MetricValue precisionAt(Outcomes& outcomes, double wanted) {
  const Highest top = highest(outcomes, wanted);
  return known(top.hits / top.taken);
}

MetricValue recallAt(Outcomes& outcomes, double wanted) {
  const Highest top = highest(outcomes, wanted);
  if (top.positives == 0) return undefined("none there");
  return known(top.hits / top.positives);
}

MetricValue lift(const ir::Metric& metric, Outcomes& outcomes) {
  const auto at = numberOption(metric, "at");
  const double wanted = at ? *at : numberOption(metric, "share").value_or(0.1) * totalWeight(outcomes);
  const Highest top = highest(outcomes, wanted);
  if (top.positives == 0) return undefined("no true row");
  return known((top.hits / top.taken) / (top.positives / top.total));
}

MetricValue ks(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  sortByScore(outcomes);
  double positives = 0;
  double negatives = 0;
  const auto count = [&](const Tie& tie) { positives += tie.positive, negatives += tie.negative; };
  eachTie(outcomes, outcomes.by_score.begin(), outcomes.by_score.end(), count);
  if (positives == 0 || negatives == 0) return undefined("one class only");
  double positives_below = 0;
  double negatives_below = 0;
  double gap = 0;
  eachTie(outcomes, outcomes.by_score.begin(), outcomes.by_score.end(), [&](const Tie& tie) {
    positives_below += tie.positive;
    negatives_below += tie.negative;
    gap = std::max(gap, std::fabs(positives_below / positives - negatives_below / negatives));
  });
  return known(gap);
}

MetricValue topAccuracy(const ir::Metric& metric, Outcomes& outcomes) {
  const double k = numberOption(metric, "k").value_or(5);
  return known(meanOver(outcomes, [&](std::size_t i) {
    const auto actual = static_cast<std::size_t>(outcomes.actual[i]);
    const double own = outcomes.classProbability(actual, i);
    std::size_t before = 0;
    for (std::size_t c = 0; c < outcomes.known_classes; ++c) {
      const double other = outcomes.classProbability(c, i);
      if (other > own || (other == own && c < actual)) ++before;
    }
    return actual < outcomes.known_classes && static_cast<double>(before) < k ? 1.0 : 0.0;
  }));
}

MetricValue macroAuc(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  sortByClassScore(outcomes);
  double sum = 0;
  int there = 0;
  for (std::size_t c = 0; c < outcomes.classes.size(); ++c) {
    const std::vector<std::uint32_t>& order = outcomes.by_class_score[c];
    double below = 0;
    double positives = 0;
    score::FixedSum area;
    const auto score = [&](std::uint32_t row) { return outcomes.classProbability(c, row); };
    const auto hit = [&](std::uint32_t row) { return outcomes.actual[row] == static_cast<std::int32_t>(c); };
    eachTie(outcomes, order.begin(), order.end(), score, hit, [&](const Tie& tie) {
      area.add(tie.positive * (below + 0.5 * tie.negative));
      below += tie.negative;
      positives += tie.positive;
    });
    if (positives == 0 || below == 0) continue;
    sum += area.total() / (positives * below);
    ++there;
  }
  if (there == 0) return undefined("one class only");
  return known(sum / there);
}

}  // namespace cd4ml::evaluate
