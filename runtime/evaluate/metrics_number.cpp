#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/evaluate/logarithm.h"
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
  sortByError(outcomes);
  const std::vector<std::uint32_t>& order = outcomes.by_error;
  const auto error = [&](std::uint32_t row) { return std::fabs(outcomes.number[row] - outcomes.target[row]); };
  for (std::size_t k = order.size(); k-- > 0;) {
    if (std::isnan(error(order[k])) && outcomes.weightOf(order[k]) > 0) {
      return known(std::numeric_limits<double>::quiet_NaN());
    }
    if (error(order[k]) < std::numeric_limits<double>::infinity()) break;
  }
  double total = 0;
  for (const std::uint32_t i : order) total += outcomes.weightOf(i);
  double below = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    below += outcomes.weightOf(order[k]);
    if (2 * below < total) continue;
    std::size_t next = k + 1;
    while (next < order.size() && outcomes.weightOf(order[next]) == 0) ++next;
    const bool between = 2 * below == total && next < order.size();
    return known(between ? (error(order[k]) + error(order[next])) / 2 : error(order[k]));
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

MetricValue smape(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  return known(meanError(outcomes, [](double target, double number) {
    const double sum = std::fabs(target) + std::fabs(number);
    return sum == 0 ? 0.0 : 2 * std::fabs(number - target) / sum;
  }));
}

MetricValue wape(const ir::Metric& /*metric*/, Outcomes& outcomes) {
  const double size = meanError(outcomes, [](double target, double) { return std::fabs(target); });
  if (size == 0) return undefined("the targets are all 0");
  return known(meanError(outcomes, [](double target, double number) { return std::fabs(number - target); }) / size);
}

MetricValue pinball(const ir::Metric& metric, Outcomes& outcomes) {
  const double q = numberOption(metric, "q").value_or(0.5);
  return known(meanError(outcomes, [&](double target, double number) {
    const double above = target - number;
    return above >= 0 ? q * above : (q - 1) * above;
  }));
}

/// Twice the distance in likelihood from the model to one that predicts every target itself.
MetricValue deviance(const ir::Metric& metric, Outcomes& outcomes) {
  const double power = numberOption(metric, "power").value_or(0);
  if (power == 0) return mse(metric, outcomes);
  const bool zero_is_in = power < 2;
  for (std::size_t i = 0; i < outcomes.rows(); ++i) {
    if (!(outcomes.number[i] > 0)) return undefined("a prediction is not above 0");
    if (zero_is_in && outcomes.target[i] < 0) return undefined("a target is below 0");
    if (!zero_is_in && !(outcomes.target[i] > 0)) return undefined("a target is not above 0");
  }
  if (power == 1 || power == 2) {
    std::vector<double> ratios(outcomes.rows());
    for (std::size_t i = 0; i < ratios.size(); ++i) ratios[i] = outcomes.target[i] == 0 ? 1.0 : outcomes.target[i] / outcomes.number[i];
    const std::vector<double> logs = logarithms(ratios);
    return known(2 * meanOver(outcomes, [&](std::size_t i) {
      const double target = outcomes.target[i];
      const double number = outcomes.number[i];
      return power == 1 ? target * logs[i] - target + number : target / number - 1 - logs[i];
    }));
  }
  const std::vector<double> own = powers(outcomes.target, 2 - power);
  const std::vector<double> low = powers(outcomes.number, 1 - power);
  const std::vector<double> high = powers(outcomes.number, 2 - power);
  return known(2 * meanOver(outcomes, [&](std::size_t i) {
    return own[i] / ((1 - power) * (2 - power)) - outcomes.target[i] * low[i] / (1 - power) + high[i] / (2 - power);
  }));
}

}  // namespace cd4ml::evaluate
