/// Trainers: feature columns of the training and validation rows in, a `score::Model` out. A trainer only trains;
/// nothing of it is needed to score.
///
/// Training is deterministic: columns, options and seed decide the model, not threads (docs/design/0001-bones.md).
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/span.h"
#include "compiler/ir/pipeline.h"
#include "runtime/data/column.h"
#include "runtime/score/model.h"

namespace cd4ml::learn {

/// The rows of one part. Rows whose target is null must be gone (`dropUnlabelled`).
struct TrainingPart {
  std::int64_t rows = 0;                ///< 0: there is no such part
  std::vector<data::Column> features;   ///< in the model's order
  data::Column target;
  data::Column weight;                  ///< kind Error: all rows weigh 1
};

struct TrainContext {
  int threads = 1;
  std::function<void(std::uint64_t done, std::uint64_t total, std::string_view what)> progress{};
  std::function<void(std::string_view phase, double seconds)> phase{};
  const std::atomic<bool>* cancelled = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline{};  ///< set by `train` where the options say `max_time`
};

struct TrainRequest {
  std::string algorithm;
  ir::Task task = ir::Task::Regression;
  ir::Type target_type;
  std::vector<ir::Option> options;      ///< all of the algorithm's rows
  std::vector<std::string> names;       ///< of the features, for the summary and for messages
  TrainingPart train;
  TrainingPart validate;
  std::string model_file{};             ///< of an imported model: the text of its file
  Span span{};                          ///< of the model's declaration
};

struct Trained {
  score::Model model;
  std::string summary;                  ///< JSON of docs/design/0001-bones.md
};

/// Trains `request.algorithm`. Errors: CD5501 (no training rows, one class only, a null or NaN where the algorithm
/// takes none), CD5502 (the loss does not fit the target, the trainer failed), CD5503 (cancelled), CD5508 (`max_time`).
[[nodiscard]] Result<Trained> train(const TrainRequest& request, const TrainContext& context);

/// Removes the rows whose target is null.
void dropUnlabelled(TrainingPart& part);

/// How the model takes the features of the training part: kinds, levels, widths.
[[nodiscard]] std::vector<score::FeatureInput> featureInputs(const TrainingPart& train);
/// Classes of a multiclass target: written order of a closed category, else the values in train sorted by bytes.
[[nodiscard]] std::vector<std::string> targetClasses(const TrainRequest& request);
/// Feature columns as the predictor takes them: a vector as one Float view an element.
[[nodiscard]] std::vector<score::ColumnView> featureViews(const std::vector<data::Column>& features);

}  // namespace cd4ml::learn
