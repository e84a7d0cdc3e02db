/// The metrics of stdlib/metrics.def as functions of outcomes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/evaluate/outcomes.h"
#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

/// Rows (weighted) by what happened and what was predicted, classes in the order of `Outcomes::classes`.
struct Confusion {
  std::size_t classes = 0;
  std::vector<double> counts;  ///< counts[actual * classes + predicted]
  [[nodiscard]] double at(std::size_t actual, std::size_t predicted) const { return counts[actual * classes + predicted]; }
  [[nodiscard]] double actual(std::size_t c) const;
  [[nodiscard]] double predicted(std::size_t c) const;
  [[nodiscard]] double total() const;
};

/// A number, or why there is none; or a table.
struct MetricValue {
  std::optional<double> value;
  std::string reason;
  std::optional<Confusion> table;
};

[[nodiscard]] inline MetricValue known(double value) { return {.value = value, .reason = {}, .table = {}}; }
[[nodiscard]] inline MetricValue undefined(std::string reason) { return {.value = {}, .reason = std::move(reason), .table = {}}; }

/// Weighted mean of `value(row)`; the weights do not add up to 0.
template <class Value>
[[nodiscard]] double meanOver(const Outcomes& outcomes, const Value& value) {
  const double total = score::sumOf(outcomes.rows(), [&](std::size_t i) { return outcomes.weightOf(i); });
  return score::sumOf(outcomes.rows(), [&](std::size_t i) { return outcomes.weightOf(i) * value(i); }) / total;
}

/// Computes a named metric. `outcomes` may be sorted by score on the way.
[[nodiscard]] MetricValue computeMetric(const ir::Metric& metric, Outcomes& outcomes);

/// Precision, recall or f1 of each class in the order of `Outcomes::classes`, and how many rows are of it.
struct ClassValues {
  std::vector<MetricValue> values;
  std::vector<std::int64_t> rows;
};
[[nodiscard]] ClassValues computeByClass(const ir::Metric& metric, const Outcomes& outcomes);
/// JSON key of a class among the slices: {"class":"u"}.
[[nodiscard]] std::string classKey(const Outcomes& outcomes, std::size_t c);
/// The mean of the classes that have a value.
[[nodiscard]] MetricValue meanOfClasses(const ClassValues& classes);

/// Options of a metric by name; absent or null: nullopt.
[[nodiscard]] std::optional<double> numberOption(const ir::Metric& metric, std::string_view name);
[[nodiscard]] std::optional<std::string> textOption(const ir::Metric& metric, std::string_view name);

// ---- by what they read (metrics_probability.cpp, metrics_rank.cpp, metrics_label.cpp, metrics_number.cpp)

[[nodiscard]] MetricValue auc(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue averagePrecision(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue logLoss(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue brier(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue calibrationError(const ir::Metric& metric, Outcomes& outcomes);

[[nodiscard]] MetricValue ks(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue lift(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue topAccuracy(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue macroAuc(const ir::Metric& metric, Outcomes& outcomes);
/// Precision and recall of the `wanted` rows (by weight) with the highest probability.
[[nodiscard]] MetricValue precisionAt(Outcomes& outcomes, double wanted);
[[nodiscard]] MetricValue recallAt(Outcomes& outcomes, double wanted);

[[nodiscard]] MetricValue accuracy(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue balancedAccuracy(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue precision(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue recall(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue specificity(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue f1(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue mcc(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue macroF1(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue weightedF1(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue kappa(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue confusion(const ir::Metric& metric, Outcomes& outcomes);

[[nodiscard]] MetricValue rmse(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue mse(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue mae(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue medae(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue mape(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue bias(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue r2(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue smape(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue wape(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue deviance(const ir::Metric& metric, Outcomes& outcomes);
[[nodiscard]] MetricValue pinball(const ir::Metric& metric, Outcomes& outcomes);

}  // namespace cd4ml::evaluate
