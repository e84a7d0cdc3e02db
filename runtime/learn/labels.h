/// Targets and weights of a part as numbers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/learn/trainer.h"

namespace cd4ml::learn {

struct Labels {
  std::vector<double> target;   ///< 0 / 1, a class's code, or the number
  std::vector<double> weight;   ///< empty: all rows weigh 1
};

/// Labels of the training part: there is a row, binary and multiclass targets have at least two classes, numbers and
/// weights are finite, weights not negative and not all 0; else CD5501.
[[nodiscard]] Result<Labels> trainingLabels(const TrainRequest& request, const std::vector<std::string>& classes);
/// Labels of the validation part. A class that is not in `classes` gets weight 0.
[[nodiscard]] Result<Labels> validationLabels(const TrainRequest& request, const std::vector<std::string>& classes);

}  // namespace cd4ml::learn
