#include "runtime/evaluate/calibration.h"

#include <algorithm>

#include "runtime/score/sum.h"

namespace cd4ml::evaluate {

std::vector<CalibrationBin> calibrationCurve(const Outcomes& outcomes, std::size_t bins) {
  std::vector<CalibrationBin> curve;
  if (outcomes.task != ir::Task::Binary) return curve;
  std::vector<score::FixedSum> rows(bins), predicted(bins), observed(bins);
  for (std::size_t i = 0; i < outcomes.rows(); ++i) {
    const double p = outcomes.probability[i];
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(p * static_cast<double>(bins)));
    rows[bin].add(outcomes.weightOf(i));
    predicted[bin].add(outcomes.weightOf(i) * p);
    observed[bin].add(outcomes.actual[i] != 0 ? outcomes.weightOf(i) : 0.0);
  }
  for (std::size_t b = 0; b < bins; ++b) {
    const double weight = rows[b].total();
    if (!(weight > 0)) continue;
    const auto width = 1.0 / static_cast<double>(bins);
    curve.push_back({.low = static_cast<double>(b) * width, .high = static_cast<double>(b + 1) * width, .rows = weight,
                     .predicted = predicted[b].total() / weight, .observed = observed[b].total() / weight});
  }
  return curve;
}

Result<std::vector<CalibrationBin>> calibrationCurve(const EvaluateRequest& request, std::size_t bins) {
  if (request.task != ir::Task::Binary) return std::vector<CalibrationBin>();
  CD4ML_TRY(const Outcomes outcomes, outcomesOf(request, labelledRows(request)));
  return calibrationCurve(outcomes, bins);
}

}  // namespace cd4ml::evaluate
