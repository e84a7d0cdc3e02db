// `seasonal_naive`: what its one feature says. The feature is the value one season ago, so there is nothing to learn.
#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"

namespace cd4ml::learn {

Result<Fit> trainSeasonalNaive(const TrainRequest& request, const Prepared& prepared, const TrainContext& /*context*/) {
  CD4ML_CHECK(prepared.inputs.size() == 1 && prepared.inputs[0].width == 1);
  CD4ML_TRY_VOID(trainingLabels(request, prepared.classes));
  return Fit{.body = score::Linear{.inputs = 1, .weights = {1.0}, .intercept = {0.0}}, .link = score::Link::Identity, .iterations = 1, .best_iteration = 1};
}

}  // namespace cd4ml::learn
