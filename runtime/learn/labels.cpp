#include "runtime/learn/labels.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/score/category_codes.h"

namespace cd4ml::learn {

namespace {

Error unfit(const TrainRequest& request, std::string what) { return makeError("CD5501", std::move(what), request.span); }

std::vector<double> numbersOf(const data::Column& column) {
  const score::ColumnView view = column.view();
  std::vector<double> out(static_cast<std::size_t>(column.rows));
  switch (view.kind) {
    case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration:
      std::transform(view.ints(), view.ints() + column.rows, out.begin(), [](std::int64_t v) { return static_cast<double>(v); });
      break;
    case ir::Kind::Float: std::copy(view.floats(), view.floats() + column.rows, out.begin()); break;
    case ir::Kind::Bool: std::copy(view.bools(), view.bools() + column.rows, out.begin()); break;
    case ir::Kind::Category: std::copy(view.codes(), view.codes() + column.rows, out.begin()); break;
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: case ir::Kind::Vector:
      CD4ML_UNREACHABLE("a target or weight that is no number, bool or category");
  }
  return out;
}

std::optional<std::int64_t> firstNonFinite(const std::vector<double>& values) {
  const auto found = std::find_if(values.begin(), values.end(), [](double v) { return !std::isfinite(v); });
  if (found == values.end()) return std::nullopt;
  return found - values.begin();
}

Result<Labels> readLabels(const TrainRequest& request, const TrainingPart& part, std::string_view name) {
  Labels labels{.target = numbersOf(part.target), .weight = {}};
  if (const auto row = firstNonFinite(labels.target)) {
    return unfit(request, fmt::format("the target of row {} of the {} part is not a finite number", *row + 1, name));
  }
  if (part.weight.type.kind == ir::Kind::Error) return labels;
  labels.weight = numbersOf(part.weight);
  const score::ColumnView view = part.weight.view();
  for (std::int64_t r = 0; r < part.rows; ++r) {
    const double w = labels.weight[static_cast<std::size_t>(r)];
    if (!view.isValid(r) || !std::isfinite(w) || w < 0) {
      return unfit(request, fmt::format("the weight of row {} of the {} part is null, negative or not a finite number", r + 1, name));
    }
  }
  return labels;
}

/// Codes of the target column as codes of `classes`; -1 for a class that is not among them.
void recodeClasses(const data::Column& target, const std::vector<std::string>& classes, Labels& labels) {
  const std::vector<std::int32_t> map = score::mapLevels(*target.view().dictionary, classes);
  for (double& value : labels.target) value = map[static_cast<std::size_t>(value)];
}

/// `class_weight: "balanced"`: each class weighs the same in all, and the rows weigh what they did.
void balanceClasses(const TrainRequest& request, std::size_t classes, Labels& labels) {
  const auto balanced = [](const ir::Option& option) {
    return option.name == "class_weight" && std::holds_alternative<std::string>(option.value.value);
  };
  if (request.task == ir::Task::Regression || std::none_of(request.options.begin(), request.options.end(), balanced)) return;
  if (labels.weight.empty()) labels.weight.assign(labels.target.size(), 1.0);
  std::vector<double> by_class(classes, 0.0);
  for (std::size_t r = 0; r < labels.target.size(); ++r) by_class[static_cast<std::size_t>(labels.target[r])] += labels.weight[r];
  double total = 0;
  double there = 0;
  for (const double sum : by_class) total += sum, there += sum > 0 ? 1 : 0;
  for (std::size_t r = 0; r < labels.target.size(); ++r) {
    const double sum = by_class[static_cast<std::size_t>(labels.target[r])];
    if (sum > 0) labels.weight[r] *= total / (there * sum);
  }
}

}  // namespace

Result<Labels> trainingLabels(const TrainRequest& request, const std::vector<std::string>& classes) {
  if (request.train.rows == 0) return unfit(request, "there are no training rows");
  CD4ML_TRY(Labels labels, readLabels(request, request.train, "train"));
  if (request.task == ir::Task::Multiclass) recodeClasses(request.train.target, classes, labels);
  if (!labels.weight.empty() && std::all_of(labels.weight.begin(), labels.weight.end(), [](double w) { return w == 0; })) {
    return unfit(request, "all training rows weigh 0");
  }
  const bool one_class = std::all_of(labels.target.begin(), labels.target.end(), [&](double v) { return v == labels.target[0]; });
  if (request.task != ir::Task::Regression && one_class && request.algorithm != "constant") {
    const auto code = static_cast<std::size_t>(labels.target[0]);
    const std::string only = request.task == ir::Task::Binary ? (code != 0 ? "true" : "false") : "\"" + classes[code] + "\"";
    return unfit(request, fmt::format("the target is {} in all {} training rows; there is nothing to tell apart", only, request.train.rows));
  }
  balanceClasses(request, request.task == ir::Task::Multiclass ? classes.size() : 2, labels);
  return labels;
}

Result<Labels> validationLabels(const TrainRequest& request, const std::vector<std::string>& classes) {
  CD4ML_TRY(Labels labels, readLabels(request, request.validate, "validate"));
  if (request.task != ir::Task::Multiclass) return labels;
  recodeClasses(request.validate.target, classes, labels);
  for (std::size_t i = 0; i < labels.target.size(); ++i) {
    if (labels.target[i] >= 0) continue;
    if (labels.weight.empty()) labels.weight.assign(labels.target.size(), 1.0);
    labels.target[i] = 0;
    labels.weight[i] = 0;
  }
  return labels;
}

}  // namespace cd4ml::learn
