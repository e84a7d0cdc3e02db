#include "runtime/engine/judge_rows.h"

#include <algorithm>
#include <chrono>

#include "runtime/engine/bundle.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/model_run.h"
#include "runtime/engine/row_ids.h"
#include "runtime/engine/snapshots.h"
#include "runtime/engine/split_rows.h"
#include "runtime/evaluate/bootstrap.h"
#include "runtime/score/bundle.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::engine {

namespace {

const ir::Features& featuresOf(const Run& run, const ir::Evaluate& node, ir::NodeId& id) {
  id = std::get<ir::Model>(run.node(servedModel(run, node.model)).body).features;
  return std::get<ir::Features>(run.node(id).body);
}

Result<evaluate::EvaluateRequest> requestOn(Run& run, const ir::Evaluate& node, const features::RowSet& rows) {
  ir::NodeId id;
  const ir::Features& features = featuresOf(run, node, id);
  CD4ML_TRY(evaluate::EvaluateRequest request, evaluateRequest(run, node, rows));
  if (features.target.valid()) {
    CD4ML_TRY(request.target, valueOnRows(run, features, features.target, rows));
  }
  if (features.weight.valid()) {
    CD4ML_TRY(request.weight, valueOnRows(run, features, features.weight, rows));
  }
  return request;
}

/// `places` of predictions, a value (or one a class) a row.
template <class T>
std::vector<T> pick(const std::vector<T>& values, const std::vector<std::int32_t>& places, std::int64_t rows) {
  std::vector<T> out;
  for (std::size_t begin = 0; begin < values.size(); begin += static_cast<std::size_t>(rows)) {
    for (const std::int32_t place : places) out.push_back(values[begin + static_cast<std::size_t>(place)]);
  }
  return out;
}

score::Predictions onRows(const score::Predictions& all, const std::vector<std::int32_t>& places) {
  return {.rows = static_cast<std::int64_t>(places.size()), .raw = pick(all.raw, places, all.rows), .number = pick(all.number, places, all.rows),
          .probability = pick(all.probability, places, all.rows), .by_class = pick(all.by_class, places, all.rows),
          .label = pick(all.label, places, all.rows)};
}

Result<std::vector<std::uint64_t>> idsOf(Run& run, const ir::Evaluate& node, const features::RowSet& rows) {
  ir::NodeId id;
  const ir::Features& features = featuresOf(run, node, id);
  Slots slots = idColumns(run, features.from);
  if (features.split.valid()) {
    const auto& split = std::get<ir::Split>(run.node(features.split).body);
    if (!split.id_columns.empty()) slots = split.id_columns;
  }
  CD4ML_TRY(const data::RowIds all, rowIdsOf(run, features.from, slots));
  std::vector<std::uint64_t> ids;
  for (const std::int32_t row : rowNumbers(rows)) ids.push_back(all[static_cast<std::size_t>(row)]);
  return ids;
}

Result<std::vector<MetricReplicates>> replicateSide(Run& run, const JudgedSide& side, const std::vector<std::uint64_t>& ids,
                                                    const std::vector<std::uint32_t>& metrics) {
  CD4ML_TRY(auto replicates, evaluate::replicate(side.request, ids, metrics, run.task.cancelled));
  std::vector<MetricReplicates> out;
  for (evaluate::Replicates& one : replicates) out.push_back({std::move(one.whole), std::move(one.slices), std::move(one.by_slice)});
  return out;
}

}  // namespace

Result<JudgedSide> championSide(Run& run, const ir::Evaluate& node, const std::string& path) {
  JudgedSide out;
  CD4ML_TRY(score::Bundle bundle, score::readBundle(path));
  ir::NodeId id;
  static_cast<void>(featuresOf(run, node, id));
  CD4ML_TRY(const features::RowSet all, evaluatedRows(run, id, node.part));
  CD4ML_TRY(out.rows, unseenByBundle(run, node, bundle));
  out.left_out = all.size() - out.rows.size();
  out.model_bytes = score::encodeModel(bundle.model).size();
  CD4ML_TRY(const RawRows raw, rawRows(run, node, bundle, out.rows, path));
  std::vector<score::ColumnView> views;
  for (const data::Column& column : raw.columns) views.push_back(column.view());
  CD4ML_TRY(const auto lookups, openSnapshots(bundle.lookups));
  const score::RowScorer scorer(std::move(bundle), lookups);
  CD4ML_TRY(score::ScoredRows scored, scorer.score(views, out.rows.size(), score::OnError::Fail, run.threads(), raw.where));
  out.predictions = std::make_unique<score::Predictions>(std::move(scored.predictions));
  CD4ML_TRY(out.request, requestOn(run, node, out.rows));
  const score::Model& model = scorer.bundle().model;
  out.request.task = model.task;
  out.request.classes = model.classes;
  out.request.target_kind = model.target;
  out.request.predictions = out.predictions.get();
  return out;
}

Result<JudgedSide> candidateSide(Run& run, const ir::Evaluate& node, const features::RowSet& rows) {
  JudgedSide out;
  out.rows = rows;
  CD4ML_TRY(Predicted predicted, predictPart(run, node.model, node.part));
  ir::NodeId id;
  static_cast<void>(featuresOf(run, node, id));
  CD4ML_TRY(const features::RowSet all, evaluatedRows(run, id, node.part));
  if (all.size() == rows.size()) {
    out.predictions = std::make_unique<score::Predictions>(std::move(predicted.predictions));
  } else {
    // Both are rising row numbers of the same node.
    const std::vector<std::int32_t> part = rowNumbers(all);
    std::vector<std::int32_t> places;
    for (const std::int32_t row : rowNumbers(rows)) {
      places.push_back(static_cast<std::int32_t>(std::lower_bound(part.begin(), part.end(), row) - part.begin()));
    }
    out.predictions = std::make_unique<score::Predictions>(onRows(predicted.predictions, places));
  }
  CD4ML_TRY(out.request, requestOn(run, node, rows));
  out.request.task = predicted.model.task;
  out.request.classes = predicted.model.classes;
  out.request.target_kind = predicted.model.target;
  out.request.predictions = out.predictions.get();
  return out;
}

Result<PairedReplicates> replicateMetrics(Run& run, ir::NodeId id, const std::vector<std::uint32_t>& metrics, const std::string& champion) {
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  PairedReplicates out;
  ir::NodeId features;
  static_cast<void>(featuresOf(run, node, features));
  CD4ML_TRY(features::RowSet rows, evaluatedRows(run, features, node.part));
  if (champion.empty()) {
    CD4ML_TRY(const JudgedSide side, candidateSide(run, node, rows));
    CD4ML_TRY(const std::vector<std::uint64_t> ids, idsOf(run, node, rows));
    CD4ML_TRY(out.candidate, replicateSide(run, side, ids, metrics));
    return out;
  }
  CD4ML_TRY(const JudgedSide other, championSide(run, node, champion));
  CD4ML_TRY(const JudgedSide own, candidateSide(run, node, other.rows));
  CD4ML_TRY(const std::vector<std::uint64_t> ids, idsOf(run, node, other.rows));
  CD4ML_TRY(out.candidate, replicateSide(run, own, ids, metrics));
  CD4ML_TRY(out.champion, replicateSide(run, other, ids, metrics));
  return out;
}

Result<std::vector<double>> measureLatencies(Run& run, ir::NodeId id, const std::string& path) {
  constexpr std::int64_t most = 2000;
  constexpr std::int64_t warm_up = 50;
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  score::Bundle bundle;
  if (path.empty()) {
    CD4ML_TRY(bundle, makeModelBundle(run, servedModel(run, node.model), "{}"));
  } else {
    CD4ML_TRY(bundle, score::readBundle(path));
  }
  ir::NodeId features;
  static_cast<void>(featuresOf(run, node, features));
  CD4ML_TRY(const features::RowSet all, evaluatedRows(run, features, node.part));
  // Rows spread evenly over the part.
  const std::vector<std::int32_t> numbers = rowNumbers(all);
  features::RowSet rows;
  const std::int64_t count = std::min<std::int64_t>(most, all.size());
  for (std::int64_t k = 0; k < count; ++k) rows.indices.push_back(numbers[static_cast<std::size_t>(k * all.size() / count)]);
  rows.count = count;
  if (count == 0) return std::vector<double>{};
  CD4ML_TRY(const RawRows raw, rawRows(run, node, bundle, rows, path));
  CD4ML_TRY(const auto lookups, openSnapshots(bundle.lookups));
  const score::RowScorer scorer(std::move(bundle), lookups);
  std::vector<double> milliseconds;
  for (std::int64_t k = 0; k < count + warm_up; ++k) {
    std::vector<data::Column> own;
    for (const data::Column& column : raw.columns) own.push_back(data::slice(column, k % count, 1));
    std::vector<score::ColumnView> views;
    for (const data::Column& column : own) views.push_back(column.view());
    const auto start = std::chrono::steady_clock::now();
    CD4ML_TRY(const score::ScoredRows scored, scorer.score(views, 1, score::OnError::Null, 1, raw.where));
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (k >= warm_up && scored.predictions.rows == 1) milliseconds.push_back(took.count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  return milliseconds;
}

}  // namespace cd4ml::engine
