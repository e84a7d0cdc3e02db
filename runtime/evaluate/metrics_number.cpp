#include <algorithm>
#include <cmath>
#include <numeric>

#include "runtime/evaluate/metrics.h"
#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

namespace {

/// Weighted mean of `value(target, number)`.
double meanError(const Outcomes& outcomes, const auto& value) {
  return meanOver(outcomes, [&](std::size_t i) { return value(outcomes.target[i], outcomes.number[i]); });
}

double squaredError(double target, double number) { return (number - target) * (number - target); }

}  // namespace

MetricValue mse(const ir::Metric& /*metric*/, Outcomes& outcomes) { return known(meanError(outcomes, squaredError)); }

MetricValue rmse(const ir::Metric& /*metric*/, Outcomes& outcomes) { return known(std::sqrt(meanError(outcomes, squaredError))); }

MetricValue mae(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  return known(meanError(outcomes, [](double target, double number) { return std::fabs(number - target); }));
}

MetricValue mape(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  return known(meanError(outcomes, [](double target, double number) { return std::fabs(number - target) / std::max(std::fabs(target), 0x1p-52); }));
}

MetricValue bias(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  return known(meanError(outcomes, [](double target, double number) { return number - target; }));
}

/// The error that half of the weight lies below; between two rows, the middle of both.
MetricValue medae(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  std::vector<double> errors(outcomes.rows());
  for (std::size_t i = 0; i < errors.size(); ++i) errors[i] = std::fabs(outcomes.number[i] - outcomes.target[i]);
  if (std::any_of(errors.begin(), errors.end(), [](double e) { return std::isnan(e); })) return known(std::numeric_limits<double>::quiet_NaN());
  std::vector<std::size_t> order(errors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return errors[a] != errors[b] ? errors[a] < errors[b] : a < b; });
  double total = 0;
  for (const std::size_t i : order) total += outcomes.weightOf(i);
  double below = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    below += outcomes.weightOf(order[k]);
    if (2 * below < total) continue;
    std::size_t next = k + 1;
    while (next < order.size() && outcomes.weightOf(order[next]) == 0) ++next;
    const bool between = 2 * below == total && next < order.size();
    return known(between ? (errors[order[k]] + errors[order[next]]) / 2 : errors[order[k]]);
  }
  CD4ML_UNREACHABLE("weights that do not add up");
}

MetricValue r2(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  if (outcomes.rows() < 2) return undefined("fewer than two rows");
  const double mean = meanError(outcomes, [](double target, double) { return target; });
  const double spread = meanError(outcomes, [&](double target, double) { return (target - mean) * (target - mean); });
  const bool constant = std::all_of(outcomes.target.begin(), outcomes.target.end(), [&](double t) { return t == outcomes.target[0]; });
  if (constant || spread == 0) return undefined("the target is the same in all rows");
  return known(1 - meanError(outcomes, squaredError) / spread);
}

}  // namespace cd4ml::evaluate
