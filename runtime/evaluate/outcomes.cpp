#include "runtime/evaluate/outcomes.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "runtime/evaluate/score_order.h"
#include "runtime/score/category_codes.h"

namespace cd4ml::evaluate {

namespace {

double numberAt(const score::ColumnView& view, std::int64_t row) {
  switch (view.kind) {
    case ir::Kind::Int: case ir::Kind::Date: case ir::Kind::Timestamp: case ir::Kind::Duration: return static_cast<double>(view.ints()[row]);
    case ir::Kind::Float: return view.floats()[row];
    case ir::Kind::Bool: return view.bools()[row];
    case ir::Kind::Category: return view.codes()[row];
    case ir::Kind::Error: case ir::Kind::Null: case ir::Kind::Text: case ir::Kind::Vector: break;
  }
  CD4ML_UNREACHABLE("a target or weight that is no number, bool or category");
}

/// The model's classes, then what else occurs in the target, sorted by bytes.
std::vector<std::string> allClasses(const EvaluateRequest& request) {
  std::vector<std::string> classes = request.classes;
  const score::Dictionary& dictionary = *request.target.view().dictionary;
  const std::vector<std::int32_t> known = score::mapLevels(dictionary, classes);
  std::vector<std::string> unknown;
  for (std::size_t c = 0; c < known.size(); ++c) {
    if (known[c] < 0) unknown.emplace_back(dictionary.levels[c]);
  }
  std::sort(unknown.begin(), unknown.end());
  classes.insert(classes.end(), unknown.begin(), unknown.end());
  return classes;
}

void fillMulticlass(const EvaluateRequest& request, std::span<const std::int32_t> rows, Outcomes& out) {
  out.classes = allClasses(request);
  out.known_classes = request.classes.size();
  out.predictions = request.predictions;
  out.source.assign(rows.begin(), rows.end());
  const score::ColumnView target = request.target.view();
  const std::vector<std::int32_t> code = score::mapLevels(*target.dictionary, out.classes);
  const score::Predictions& predictions = *request.predictions;
  for (const std::int32_t row : rows) {
    const auto r = static_cast<std::size_t>(row);
    const std::int32_t actual = code[static_cast<std::size_t>(target.codes()[row])];
    out.actual.push_back(actual);
    out.predicted.push_back(predictions.label[r]);
    out.probability.push_back(predictions.probability[r]);
    const bool known = static_cast<std::size_t>(actual) < request.classes.size();
    out.given.push_back(known ? predictions.by_class[static_cast<std::size_t>(actual) * static_cast<std::size_t>(predictions.rows) + r] : 0.0);
  }
}

Status fillWeights(const EvaluateRequest& request, std::span<const std::int32_t> rows, Outcomes& out) {
  if (request.weight.type.kind == ir::Kind::Error) return Done{};
  const score::ColumnView weight = request.weight.view();
  for (const std::int32_t row : rows) {
    const double w = weight.isValid(row) ? numberAt(weight, row) : -1;
    if (!std::isfinite(w) || w < 0) {
      return makeError("CD5016", fmt::format("the weight of row {} of the {} part is null, negative or not a finite number", row + 1,
                                             ir::partText(request.node->part)));
    }
    out.weight.push_back(w);
  }
  return Done{};
}

template <class T>
std::vector<T> pick(const std::vector<T>& values, std::span<const std::int32_t> rows) {
  std::vector<T> out;
  if (values.empty()) return out;
  out.reserve(rows.size());
  for (const std::int32_t row : rows) out.push_back(values[static_cast<std::size_t>(row)]);
  return out;
}

}  // namespace

std::vector<std::int32_t> labelledRows(const EvaluateRequest& request) {
  std::vector<std::int32_t> rows;
  rows.reserve(static_cast<std::size_t>(request.rows));
  const score::ColumnView target = request.target.view();
  for (std::int64_t r = 0; r < request.rows; ++r) {
    if (target.isValid(r)) rows.push_back(static_cast<std::int32_t>(r));
  }
  return rows;
}

Result<Outcomes> outcomesOf(const EvaluateRequest& request, std::span<const std::int32_t> rows) {
  Outcomes out;
  out.task = request.task;
  const score::ColumnView target = request.target.view();
  switch (request.task) {
    case ir::Task::Regression:
      for (const std::int32_t row : rows) {
        out.target.push_back(numberAt(target, row));
        out.number.push_back(request.predictions->number[static_cast<std::size_t>(row)]);
      }
      break;
    case ir::Task::Binary:
      out.classes = {"false", "true"};
      for (const std::int32_t row : rows) {
        out.actual.push_back(target.bools()[row]);
        out.predicted.push_back(request.predictions->label[static_cast<std::size_t>(row)]);
        out.probability.push_back(request.predictions->probability[static_cast<std::size_t>(row)]);
      }
      break;
    case ir::Task::Multiclass: fillMulticlass(request, rows, out); break;
  }
  CD4ML_TRY_VOID(fillWeights(request, rows, out));
  return out;
}

void sortByScore(Outcomes& outcomes) {
  if (outcomes.by_score.size() != outcomes.probability.size()) outcomes.by_score = orderByScore(outcomes.probability);
}

void sortByError(Outcomes& outcomes) {
  if (outcomes.by_error.size() == outcomes.target.size()) return;
  std::vector<double> errors(outcomes.target.size());
  for (std::size_t i = 0; i < errors.size(); ++i) {
    errors[i] = std::fabs(outcomes.number[i] - outcomes.target[i]);
    if (std::isnan(errors[i])) errors[i] = std::numeric_limits<double>::infinity();
  }
  outcomes.by_error = orderByScore(errors);
}

void sortByClassScore(Outcomes& outcomes) {
  if (outcomes.by_class_score.size() == outcomes.classes.size()) return;
  std::vector<double> scores(outcomes.rows());
  for (std::size_t c = 0; c < outcomes.classes.size(); ++c) {
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = outcomes.classProbability(c, i);
    outcomes.by_class_score.push_back(orderByScore(scores));
  }
}

Outcomes select(const Outcomes& outcomes, std::span<const std::int32_t> rows, std::vector<std::int32_t> order) {
  Outcomes out;
  out.task = outcomes.task;
  out.classes = outcomes.classes;
  out.target = pick(outcomes.target, rows);
  out.number = pick(outcomes.number, rows);
  out.actual = pick(outcomes.actual, rows);
  out.predicted = pick(outcomes.predicted, rows);
  out.probability = pick(outcomes.probability, rows);
  out.given = pick(outcomes.given, rows);
  out.weight = pick(outcomes.weight, rows);
  out.predictions = outcomes.predictions;
  out.known_classes = outcomes.known_classes;
  out.source = pick(outcomes.source, rows);
  out.by_score.assign(order.begin(), order.end());
  return out;
}

}  // namespace cd4ml::evaluate
