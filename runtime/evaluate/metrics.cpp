#include "runtime/evaluate/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

namespace {

struct Named {
  std::string_view name;
  MetricValue (*compute)(const ir::Metric&, Outcomes&);
};

MetricValue rowCount(const ir::Metric& /*metric*/, Outcomes& outcomes) { return known(static_cast<double>(outcomes.rows())); }

constexpr std::array metrics{
    Named{"auc", auc},
    Named{"average_precision", averagePrecision},
    Named{"log_loss", logLoss},
    Named{"brier", brier},
    Named{"calibration_error", calibrationError},
    Named{"accuracy", accuracy},
    Named{"balanced_accuracy", balancedAccuracy},
    Named{"precision", precision},
    Named{"recall", recall},
    Named{"specificity", specificity},
    Named{"f1", f1},
    Named{"mcc", mcc},
    Named{"macro_f1", macroF1},
    Named{"weighted_f1", weightedF1},
    Named{"confusion", confusion},
    Named{"rmse", rmse},
    Named{"mse", mse},
    Named{"mae", mae},
    Named{"medae", medae},
    Named{"mape", mape},
    Named{"bias", bias},
    Named{"r2", r2},
    Named{"ks", ks},
    Named{"lift", lift},
    Named{"top_accuracy", topAccuracy},
    Named{"macro_auc", macroAuc},
    Named{"kappa", kappa},
    Named{"smape", smape},
    Named{"wape", wape},
    Named{"deviance", deviance},
    Named{"pinball", pinball},
    Named{"rows", rowCount},
};

const ir::Option* findOption(const ir::Metric& metric, std::string_view name) {
  for (const ir::Option& option : metric.options) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

}  // namespace

std::optional<double> numberOption(const ir::Metric& metric, std::string_view name) {
  const ir::Option* option = findOption(metric, name);
  if (option == nullptr) return std::nullopt;
  if (const auto* i = std::get_if<std::int64_t>(&option->value.value)) return static_cast<double>(*i);
  if (const auto* d = std::get_if<double>(&option->value.value)) return *d;
  return std::nullopt;
}

std::optional<std::string> textOption(const ir::Metric& metric, std::string_view name) {
  const ir::Option* option = findOption(metric, name);
  const auto* text = option == nullptr ? nullptr : std::get_if<std::string>(&option->value.value);
  if (text == nullptr) return std::nullopt;
  return *text;
}

MetricValue computeMetric(const ir::Metric& metric, Outcomes& outcomes) {
  for (const Named& row : metrics) {
    if (row.name != metric.metric) continue;
    if (outcomes.rows() == 0 && row.name != "rows") return undefined("no rows");
    if (!outcomes.weight.empty() && row.name != "rows" && score::sumOf(outcomes.rows(), [&](std::size_t i) { return outcomes.weight[i]; }) == 0) {
      return undefined("all rows weigh 0");
    }
    // A linear model says NaN where an input is missing; ranks and bins have no place for it.
    if (std::any_of(outcomes.probability.begin(), outcomes.probability.end(), [](double p) { return std::isnan(p); })) {
      return undefined("a probability is NaN");
    }
    return row.compute(metric, outcomes);
  }
  CD4ML_UNREACHABLE("a metric that the checker let through and evaluate does not know");
}

}  // namespace cd4ml::evaluate
