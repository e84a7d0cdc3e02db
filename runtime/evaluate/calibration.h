/// Whether probabilities mean what they say: of the rows a binary model gave about p, did about p come true?
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "runtime/evaluate/outcomes.h"

namespace cd4ml::evaluate {

struct CalibrationBin {
  double low = 0;        ///< of the probability
  double high = 0;
  double rows = 0;       ///< weighted
  double predicted = 0;  ///< mean probability
  double observed = 0;   ///< share that came true
};

/// Bins of equal width over 0 .. 1, as `calibration_error` has them, rising; those without rows are left out. Empty for other
/// tasks.
[[nodiscard]] std::vector<CalibrationBin> calibrationCurve(const Outcomes& outcomes, std::size_t bins);
[[nodiscard]] Result<std::vector<CalibrationBin>> calibrationCurve(const EvaluateRequest& request, std::size_t bins);

}  // namespace cd4ml::evaluate
