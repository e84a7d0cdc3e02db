#include "runtime/learn/trainer.h"

#include <array>
#include <chrono>
#include <numeric>

#include <fmt/format.h>

#include "runtime/learn/algorithms.h"
#include "runtime/score/json_text.h"

namespace cd4ml::learn {

namespace {

struct Algorithm {
  std::string_view name;
  Result<Fit> (*train)(const TrainRequest&, const Prepared&, const TrainContext&);
};

constexpr std::array algorithms{
    Algorithm{"gbdt", trainGbdt},
    Algorithm{"lightgbm", takeImported},
    Algorithm{"random_forest", trainRandomForest},
    Algorithm{"linear", trainLinear},
    Algorithm{"ridge", trainLinear},
    Algorithm{"lasso", trainLinear},
    Algorithm{"elastic_net", trainLinear},
    Algorithm{"logistic", trainLogistic},
    Algorithm{"poisson", trainPoisson},
    Algorithm{"constant", trainConstant},
    Algorithm{"seasonal_naive", trainSeasonalNaive},
};

score::FeatureInput featureInput(const data::Column& column) {
  score::FeatureInput input{.kind = column.type.kind, .levels = {}, .width = 1};
  if (column.type.kind == ir::Kind::Category) input.levels = column.type.levels ? *column.type.levels : *column.levels;
  if (column.type.kind == ir::Kind::Vector) input.width = column.type.width;
  return input;
}

std::string summaryText(const TrainRequest& request, const Prepared& prepared, const Fit& fit, double seconds) {
  std::string text = fmt::format(R"({{"algorithm":{},"task":{},"iterations":{},"best_iteration":{},"features":[)",
                                 score::jsonString(request.algorithm), score::jsonString(ir::taskText(request.task)),
                                 fit.iterations, fit.best_iteration);
  for (std::size_t f = 0; f < prepared.inputs.size(); ++f) {
    text += f == 0 ? "{" : ",{";
    if (f < request.names.size()) text += "\"name\":" + score::jsonString(request.names[f]);
    if (f < fit.gains.size()) text += std::string(f < request.names.size() ? "," : "") + "\"gain\":" + score::jsonNumber(fit.gains[f]);
    text += "}";
  }
  text += "],\"classes\":[";
  for (std::size_t c = 0; c < prepared.classes.size(); ++c) text += (c == 0 ? "" : ",") + score::jsonString(prepared.classes[c]);
  return text + fmt::format(R"(],"seconds":{:.3f},"train_rows":{},"validate_rows":{}}})", seconds, request.train.rows, request.validate.rows);
}

/// `max_time` in microseconds, of algorithms that have it and models that set it.
std::optional<std::int64_t> timeLimit(const TrainRequest& request) {
  for (const ir::Option& option : request.options) {
    const auto* limit = std::get_if<std::int64_t>(&option.value.value);
    if (option.name == "max_time" && limit != nullptr) return *limit;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Error> interruption(const TrainRequest& request, const TrainContext& context) {
  if (context.cancelled != nullptr && context.cancelled->load()) return makeError("CD5503", "training was cancelled", request.span);
  if (!context.deadline || std::chrono::steady_clock::now() < *context.deadline) return std::nullopt;
  const double limit = static_cast<double>(timeLimit(request).value_or(0)) / 1e6;
  Error error = makeError("CD5508", fmt::format("training takes longer than its `max_time` of {:.3g} s", limit), request.span);
  error.help.emplace_back("give it more time, or less to do: `max_time` never cuts a model short");
  return error;
}

std::vector<score::FeatureInput> featureInputs(const TrainingPart& train) {
  std::vector<score::FeatureInput> inputs;
  inputs.reserve(train.features.size());
  for (const data::Column& column : train.features) inputs.push_back(featureInput(column));
  return inputs;
}

std::vector<std::string> targetClasses(const TrainRequest& request) {
  if (request.task != ir::Task::Multiclass) return {};
  return request.target_type.levels ? *request.target_type.levels : *request.train.target.levels;
}

std::vector<score::ColumnView> featureViews(const std::vector<data::Column>& features) {
  std::vector<score::ColumnView> views;
  for (const data::Column& column : features) {
    if (column.type.kind != ir::Kind::Vector) {
      views.push_back(column.view());
      continue;
    }
    const auto* values = reinterpret_cast<const double*>(column.values.get());
    for (std::uint32_t k = 0; k < column.type.width; ++k) {
      views.push_back({.kind = ir::Kind::Float, .rows = column.rows, .values = values + static_cast<std::int64_t>(k) * column.stride,
                       .offsets = nullptr, .validity = column.validity.get(), .dictionary = nullptr});
    }
  }
  return views;
}

void dropUnlabelled(TrainingPart& part) {
  if (part.rows == 0 || data::countNulls(part.target) == 0) return;
  const score::ColumnView target = part.target.view();
  std::vector<std::int32_t> kept;
  for (std::int64_t r = 0; r < part.rows; ++r) {
    if (target.isValid(r)) kept.push_back(static_cast<std::int32_t>(r));
  }
  for (data::Column& column : part.features) column = data::take(column, kept);
  part.target = data::take(part.target, kept);
  if (part.weight.type.kind != ir::Kind::Error) part.weight = data::take(part.weight, kept);
  part.rows = static_cast<std::int64_t>(kept.size());
}

Result<Trained> train(const TrainRequest& request, const TrainContext& context) {
  const auto start = std::chrono::steady_clock::now();
  if (request.train.features.empty()) return makeError("CD5501", "the model has no features", request.span);
  for (const Algorithm& algorithm : algorithms) {
    if (algorithm.name != request.algorithm) continue;
    const Prepared prepared{.inputs = featureInputs(request.train), .classes = targetClasses(request)};
    TrainContext limited = context;
    if (const auto limit = timeLimit(request)) limited.deadline = start + std::chrono::microseconds(*limit);
    CD4ML_TRY(Fit fit, algorithm.train(request, prepared, limited));
    if (std::optional<Error> late = interruption(request, limited)) return *std::move(late);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::string summary = summaryText(request, prepared, fit, seconds);
    return Trained{.model = {.algorithm = request.algorithm, .task = request.task, .target = request.target_type.kind,
                             .link = fit.link, .features = prepared.inputs, .classes = prepared.classes, .body = std::move(fit.body)},
                   .summary = std::move(summary)};
  }
  CD4ML_UNREACHABLE("an algorithm that the checker let through and no trainer knows");
}

}  // namespace cd4ml::learn
