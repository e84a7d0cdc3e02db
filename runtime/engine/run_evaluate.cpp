#include <algorithm>

#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/features_fit.h"
#include "runtime/engine/model_run.h"
#include "runtime/engine/out_of_fold.h"
#include "runtime/engine/split_rows.h"
#include "runtime/evaluate/evaluate.h"

namespace cd4ml::engine {

Result<features::RowSet> evaluatedRows(Run& run, ir::NodeId features, ir::Part part) {
  const ir::NodeId split = std::get<ir::Features>(run.node(features).body).split;
  if (split.valid()) {
    CD4ML_TRY(const data::Column assignment, fetchSplit(run, split));
    const auto& body = std::get<ir::Split>(run.node(split).body);
    if (part == ir::Part::Validate && body.folds > 0 && body.fold < 0) return allFoldRows(assignment);
    return rowsOf(assignment, static_cast<std::uint8_t>(part));
  }
  const ir::NodeId from = std::get<ir::Features>(run.node(features).body).from;
  CD4ML_TRY(const std::int64_t rows, countRows(run, from));
  return labelledRows(run, std::get<ir::Features>(run.node(features).body), rows);
}

data::Column takeRows(const data::Column& column, const features::RowSet& rows) {
  return rows.indices.empty() ? data::slice(column, rows.begin, rows.count) : data::take(column, rows.indices);
}

Result<evaluate::EvaluateRequest> evaluateRequest(Run& run, const ir::Evaluate& node, const features::RowSet& rows) {
  const ir::NodeId id = std::get<ir::Model>(run.node(node.model).body).features;
  const auto& features = std::get<ir::Features>(run.node(id).body);
  const ir::Node& from = run.node(features.from);
  evaluate::EvaluateRequest request;
  request.node = &node;
  request.rows = rows.size();
  request.threads = run.threads();
  for (const ir::Column& column : from.columns) request.column_names.push_back(column.name);
  Slots read = evaluate::columnsRead(node);
  // Inputs after the columns of `from` are prediction, probability, target and weight.
  std::erase_if(read, [&](std::uint32_t slot) { return slot >= from.columns.size(); });
  CD4ML_TRY(request.columns, fetchSparse(run, features.from, read));
  for (const std::uint32_t slot : read) request.columns[slot] = takeRows(request.columns[slot], rows);
  return request;
}

Result<evaluate::EvaluateRequest> requestOf(Run& run, const ir::Evaluate& node, const Predicted& predicted) {
  const ir::NodeId features_id = std::get<ir::Model>(run.node(servedModel(run, node.model)).body).features;
  const auto& features = std::get<ir::Features>(run.node(features_id).body);
  CD4ML_TRY(const features::RowSet rows, evaluatedRows(run, features_id, node.part));
  CD4ML_TRY(evaluate::EvaluateRequest request, evaluateRequest(run, node, rows));
  const auto target = static_cast<std::uint32_t>(features.features.size());
  const std::uint32_t weight = target + (features.target.valid() ? 1U : 0U);
  if (isOutOfFold(run, node.model, node.part)) {
    // Rows of all folds are no part of the features: what they are held to is computed for them.
    if (features.target.valid()) {
      CD4ML_TRY(request.target, valueOnRows(run, features, features.target, rows));
    }
    if (features.weight.valid()) {
      CD4ML_TRY(request.weight, valueOnRows(run, features, features.weight, rows));
    }
  } else {
    const std::size_t part = partIndex(run, features_id, node.part).value_or(0);
    if (features.target.valid()) {
      CD4ML_TRY(const auto column, fetchParts(run, features_id, {target}));
      request.target = column[0][part];
    }
    if (features.weight.valid()) {
      CD4ML_TRY(const auto column, fetchParts(run, features_id, {weight}));
      request.weight = column[0][part];
    }
  }
  request.task = predicted.model.task;
  request.classes = predicted.model.classes;
  request.target_kind = predicted.model.target;
  request.predictions = &predicted.predictions;
  return request;
}

Result<std::vector<SlotContent>> runEvaluate(Run& run, ir::NodeId id, const Slots& slots) {
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  const Stopwatch watch;
  CD4ML_TRY(const Predicted predicted, predictPart(run, node.model, node.part));
  CD4ML_TRY_VOID(run.checkCancelled());
  const double predict_seconds = watch.seconds();
  std::vector<SlotContent> out;
  for (const std::uint32_t slot : slots) {
    if (slot == 1) {
      CD4ML_TRY(out.emplace_back(), keepParts(run, predicted.columns, {predict_seconds, false}));
      out.back().rows =
          static_cast<std::uint64_t>(predicted.predictions.rows);  // its parts are columns of the same rows
      continue;
    }
    CD4ML_TRY(const evaluate::EvaluateRequest request, requestOf(run, node, predicted));
    const Stopwatch metrics_watch;
    CD4ML_TRY(const std::string metrics, evaluate::evaluate(request));
    run.phase("metrics", metrics_watch.seconds());
    SlotContent content = keepJson(metrics, metrics);
    content.rows = static_cast<std::uint64_t>(request.rows);
    out.push_back(std::move(content));
  }
  return out;
}

}  // namespace cd4ml::engine
