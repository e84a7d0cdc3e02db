#include <algorithm>
#include <cmath>

#include "runtime/evaluate/metrics.h"
#include "runtime/score/json_text.h"

namespace cd4ml::evaluate {

namespace {

Confusion confusionOf(const ir::Metric& metric, const Outcomes& outcomes) {
  Confusion out{.classes = outcomes.classes.size(), .counts = {}};
  out.counts.assign(out.classes * out.classes, 0.0);
  const std::optional<double> threshold = numberOption(metric, "threshold");
  const bool own_threshold = outcomes.task == ir::Task::Binary && threshold.has_value();
  for (std::size_t i = 0; i < outcomes.rows(); ++i) {
    const auto predicted = own_threshold ? static_cast<std::size_t>(outcomes.probability[i] >= *threshold)
                                         : static_cast<std::size_t>(outcomes.predicted[i]);
    out.counts[static_cast<std::size_t>(outcomes.actual[i]) * out.classes + predicted] += outcomes.weightOf(i);
  }
  return out;
}

/// The class that counts as true.
std::optional<std::size_t> chosenClass(const ir::Metric& metric, const Outcomes& outcomes) {
  if (outcomes.task == ir::Task::Binary) return 1;
  const auto name = textOption(metric, "class");
  const auto found = name ? std::find(outcomes.classes.begin(), outcomes.classes.end(), *name) : outcomes.classes.end();
  if (found == outcomes.classes.end()) return std::nullopt;
  return static_cast<std::size_t>(found - outcomes.classes.begin());
}

std::string noClass(const ir::Metric& metric) {
  return "class \"" + textOption(metric, "class").value_or("") + "\" is neither in the model nor in these rows";
}

/// 2 hits / (2 hits + false alarms + misses); nothing to divide by: nullopt.
std::optional<double> f1Of(const Confusion& table, std::size_t c) {
  const double sum = table.actual(c) + table.predicted(c);
  if (sum == 0) return std::nullopt;
  return 2 * table.at(c, c) / sum;
}

MetricValue precisionOf(const Confusion& table, std::size_t c) {
  if (table.predicted(c) == 0) return undefined("none predicted");
  return known(table.at(c, c) / table.predicted(c));
}

MetricValue recallOf(const Confusion& table, std::size_t c) {
  if (table.actual(c) == 0) return undefined("none there");
  return known(table.at(c, c) / table.actual(c));
}

MetricValue f1ValueOf(const Confusion& table, std::size_t c) {
  const auto value = f1Of(table, c);
  return value ? known(*value) : undefined("class neither there nor predicted");
}

}  // namespace

double Confusion::actual(std::size_t c) const {
  double sum = 0;
  for (std::size_t p = 0; p < classes; ++p) sum += at(c, p);
  return sum;
}

double Confusion::predicted(std::size_t c) const {
  double sum = 0;
  for (std::size_t a = 0; a < classes; ++a) sum += at(a, c);
  return sum;
}

double Confusion::total() const {
  double sum = 0;
  for (const double count : counts) sum += count;
  return sum;
}

MetricValue accuracy(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  double hits = 0;
  for (std::size_t c = 0; c < table.classes; ++c) hits += table.at(c, c);
  return known(hits / table.total());
}

MetricValue balancedAccuracy(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  double sum = 0;
  int there = 0;
  for (std::size_t c = 0; c < table.classes; ++c) {
    if (table.actual(c) == 0) continue;
    sum += table.at(c, c) / table.actual(c);
    ++there;
  }
  return known(sum / there);
}

MetricValue precision(const ir::Metric& metric, Outcomes& outcomes) {
  if (const auto at = numberOption(metric, "at")) return precisionAt(outcomes, *at);
  const auto c = chosenClass(metric, outcomes);
  return c ? precisionOf(confusionOf(metric, outcomes), *c) : undefined(noClass(metric));
}

MetricValue recall(const ir::Metric& metric, Outcomes& outcomes) {
  if (const auto at = numberOption(metric, "at")) return recallAt(outcomes, *at);
  const auto c = chosenClass(metric, outcomes);
  return c ? recallOf(confusionOf(metric, outcomes), *c) : undefined(noClass(metric));
}

ClassValues computeByClass(const ir::Metric& metric, const Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  ClassValues out{.values = {}, .rows = std::vector<std::int64_t>(table.classes, 0)};
  for (const std::int32_t actual : outcomes.actual) ++out.rows[static_cast<std::size_t>(actual)];
  for (std::size_t c = 0; c < table.classes; ++c) {
    if (metric.metric == "precision") out.values.push_back(precisionOf(table, c));
    else if (metric.metric == "recall") out.values.push_back(recallOf(table, c));
    else out.values.push_back(f1ValueOf(table, c));
  }
  return out;
}

std::string classKey(const Outcomes& outcomes, std::size_t c) {
  const std::string& name = outcomes.classes[c];
  return "{\"class\":" + (outcomes.task == ir::Task::Binary ? name : score::jsonString(name)) + "}";
}

MetricValue meanOfClasses(const ClassValues& classes) {
  double sum = 0;
  int there = 0;
  for (const MetricValue& value : classes.values) {
    if (value.value) sum += *value.value, ++there;
  }
  return there == 0 ? undefined("no class has a value") : known(sum / there);
}

MetricValue specificity(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  if (table.actual(0) == 0) return undefined("no false row");
  return known(table.at(0, 0) / table.actual(0));
}

MetricValue f1(const ir::Metric& metric, Outcomes& outcomes) {
  const auto c = chosenClass(metric, outcomes);
  return c ? f1ValueOf(confusionOf(metric, outcomes), *c) : undefined(noClass(metric));
}

/// Gorodkin's R_K, which for two classes is Matthews' correlation.
MetricValue mcc(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  const double total = table.total();
  double hits = 0;
  double cross = 0;
  double actual_squares = 0;
  double predicted_squares = 0;
  for (std::size_t c = 0; c < table.classes; ++c) {
    hits += table.at(c, c);
    cross += table.actual(c) * table.predicted(c);
    actual_squares += table.actual(c) * table.actual(c);
    predicted_squares += table.predicted(c) * table.predicted(c);
  }
  const double spread = (total * total - actual_squares) * (total * total - predicted_squares);
  return known(spread > 0 ? (hits * total - cross) / std::sqrt(spread) : 0.0);
}

MetricValue kappa(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  const double total = table.total();
  double hits = 0;
  double chance = 0;
  for (std::size_t c = 0; c < table.classes; ++c) {
    hits += table.at(c, c) / total;
    chance += (table.actual(c) / total) * (table.predicted(c) / total);
  }
  if (!(chance < 1)) return undefined("one class only");
  return known((hits - chance) / (1 - chance));
}

MetricValue macroF1(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  double sum = 0;
  int there = 0;
  for (std::size_t c = 0; c < table.classes; ++c) {
    if (const auto value = f1Of(table, c)) sum += *value, ++there;
  }
  return known(sum / there);
}

MetricValue weightedF1(const ir::Metric& metric, Outcomes& outcomes) {
  const Confusion table = confusionOf(metric, outcomes);
  double sum = 0;
  for (std::size_t c = 0; c < table.classes; ++c) sum += table.actual(c) * f1Of(table, c).value_or(0.0);
  return known(sum / table.total());
}

MetricValue confusion(const ir::Metric& metric, Outcomes& outcomes) {
  return {.value = {}, .reason = {}, .table = confusionOf(metric, outcomes)};
}

}  // namespace cd4ml::evaluate
