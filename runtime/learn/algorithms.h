/// The trainers, one a row of stdlib/models.def that is Ready, and what they share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/learn/trainer.h"

namespace cd4ml::learn {

/// What a trainer leaves behind: the model's body and link, and figures for the summary.
struct Fit {
  std::variant<score::Forest, score::Linear> body{};
  score::Link link = score::Link::Identity;
  std::uint64_t iterations = 0;
  std::uint64_t best_iteration = 0;
  std::vector<double> gains{};   ///< one a feature, or empty
};

/// What every trainer gets besides the request.
struct Prepared {
  std::vector<score::FeatureInput> inputs;
  std::vector<std::string> classes;
};

[[nodiscard]] Result<Fit> trainGbdt(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
[[nodiscard]] Result<Fit> trainRandomForest(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
[[nodiscard]] Result<Fit> trainLinear(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
[[nodiscard]] Result<Fit> trainLogistic(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
[[nodiscard]] Result<Fit> trainPoisson(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
[[nodiscard]] Result<Fit> trainConstant(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);
/// Its one feature is the forecast (compiler/check/check_seasonal.cpp makes it).
[[nodiscard]] Result<Fit> trainSeasonalNaive(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);

/// Learns nothing: the forest of `request.model_file`. CD5507 where it does not fit the features or the target.
[[nodiscard]] Result<Fit> takeImported(const TrainRequest& request, const Prepared& prepared, const TrainContext& context);

/// Why a training must stop now: it was cancelled, or takes longer than its `max_time`. Asked once a step.
[[nodiscard]] std::optional<Error> interruption(const TrainRequest& request, const TrainContext& context);

/// Reports the seconds of one phase of the training when it ends.
class PhaseClock {
 public:
  PhaseClock(const TrainContext& context, std::string phase);
  ~PhaseClock();
  PhaseClock(const PhaseClock&) = delete;
  PhaseClock& operator=(const PhaseClock&) = delete;

 private:
  const TrainContext& context_;
  std::string phase_;
  double start_;
};

}  // namespace cd4ml::learn
