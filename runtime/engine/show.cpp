#include "runtime/engine/show.h"

#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/scoring.h"
#include "runtime/data/write.h"
#include "runtime/engine/bundle.h"
#include "runtime/engine/column_stats.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/model_run.h"
#include "runtime/engine/out_of_fold.h"
#include "runtime/engine/row_ids.h"
#include "runtime/engine/split_rows.h"
#include "runtime/evaluate/calibration.h"

namespace cd4ml::engine {

namespace {

using Json = nlohmann::ordered_json;
using Columns = std::vector<data::NamedColumn>;

Result<Columns> namedColumns(Run& run, ir::NodeId id, const std::string& slot) {
  const ir::Node& node = run.node(id);
  Slots slots;
  for (std::uint32_t c = 0; c < node.columns.size(); ++c) {
    if (slot.empty() || node.columns[c].name == slot) slots.push_back(c);
  }
  if (slots.empty()) return makeError("CD5004", fmt::format("`{}` has no column `{}`", node.name, slot));
  CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, id, slots));
  Columns out;
  for (std::size_t i = 0; i < slots.size(); ++i) out.push_back({node.columns[slots[i]].name, std::move(columns[i])});
  return out;
}

std::optional<ir::Part> partNamed(const std::string& name) {
  for (const ir::Part part : {ir::Part::Train, ir::Part::Validate, ir::Part::Test}) {
    if (ir::partText(part) == name) return part;
  }
  return std::nullopt;
}

data::Column rowIdColumn(const data::RowIds& ids, const features::RowSet& rows) {
  data::Column column;
  column.type.kind = ir::Kind::Int;
  column.rows = rows.size();
  auto values = data::allocateBuffer(static_cast<std::size_t>(column.rows) * 8);
  auto* to = reinterpret_cast<std::int64_t*>(values.get());
  for (const std::int32_t r : rowNumbers(rows)) *to++ = static_cast<std::int64_t>(ids[static_cast<std::size_t>(r)]);
  column.values = std::move(values);
  return data::finishColumn(std::move(column));
}

/// Row ids of the rows of a features node's part.
Result<data::Column> rowIdsOfPart(Run& run, ir::NodeId id, const features::RowSet& rows) {
  const auto& features = std::get<ir::Features>(run.node(id).body);
  Slots slots = features.split.valid() ? std::get<ir::Split>(run.node(features.split).body).id_columns : Slots{};
  if (slots.empty()) slots = idColumns(run, features.from);
  CD4ML_TRY(const data::RowIds ids, rowIdsOf(run, features.from, slots));
  return rowIdColumn(ids, rows);
}

ir::NodeId modelOf(const Run& run, ir::NodeId features) {
  for (std::uint32_t n = 0; n < run.pipeline().nodes.size(); ++n) {
    const auto* model = std::get_if<ir::Model>(&run.pipeline().nodes[n].body);
    if (model != nullptr && model->features == features) return {n};
  }
  return {};
}

/// The rows of a part as a model takes them: what `score` reads.
Result<Columns> modelInput(Run& run, ir::NodeId id, ir::NodeId model, ir::Part part) {
  CD4ML_TRY(const features::RowSet rows, evaluatedRows(run, id, part));
  const ir::ScoringProgram program = ir::deriveScoring(run.pipeline(), model);
  CD4ML_TRY(std::vector<data::Column> inputs,
            rawInputs(run, std::get<ir::Features>(run.node(id).body).from, program.base, Slots(program.base_slots.begin(), program.base_slots.begin() + static_cast<std::ptrdiff_t>(program.rawInputs())), rows));
  Columns out;
  CD4ML_TRY(data::Column ids, rowIdsOfPart(run, id, rows));
  out.push_back({"row_id", std::move(ids)});
  for (std::size_t c = 0; c < inputs.size(); ++c) out.push_back({program.inputs[c].name, std::move(inputs[c])});
  return out;
}

Result<Columns> featureColumns(Run& run, const ShowRequest& request) {
  const ir::Node& node = run.node(request.node);
  const auto part = partNamed(request.slot.empty() ? "train" : request.slot);
  const auto index = part ? partIndex(run, request.node, *part) : std::nullopt;
  if (!index) return makeError("CD5019", fmt::format("`{}` has no part `{}`", node.name, request.slot));
  const ir::NodeId model = modelOf(run, request.node);
  if (!request.output.empty() && !request.values && model.valid()) return modelInput(run, request.node, model, *part);
  Slots slots(node.columns.size());
  for (std::uint32_t c = 0; c < slots.size(); ++c) slots[c] = c;
  CD4ML_TRY(auto columns, fetchParts(run, request.node, slots));
  Columns out;
  if (request.values) {
    CD4ML_TRY(const features::RowSet rows, evaluatedRows(run, request.node, *part));
    CD4ML_TRY(data::Column ids, rowIdsOfPart(run, request.node, rows));
    out.push_back({"row_id", std::move(ids)});
  }
  for (std::size_t c = 0; c < slots.size(); ++c) out.push_back({node.columns[c].name, std::move(columns[c][*index])});
  return out;
}

/// row id, target, prediction, probability.
Result<Columns> predictionRows(Run& run, ir::NodeId id) {
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  const ir::NodeId features_id = std::get<ir::Model>(run.node(servedModel(run, node.model)).body).features;
  const auto& features = std::get<ir::Features>(run.node(features_id).body);
  CD4ML_TRY(const features::RowSet rows, evaluatedRows(run, features_id, node.part));
  CD4ML_TRY(Predicted predicted, predictPart(run, node.model, node.part));
  Columns out;
  CD4ML_TRY(data::Column ids, rowIdsOfPart(run, features_id, rows));
  out.push_back({"row_id", std::move(ids)});
  if (features.target.valid() && isOutOfFold(run, node.model, node.part)) {
    CD4ML_TRY(data::Column target, valueOnRows(run, features, features.target, rows));
    out.push_back({"target", std::move(target)});
  } else if (features.target.valid()) {
    CD4ML_TRY(const auto target, fetchParts(run, features_id, {static_cast<std::uint32_t>(features.features.size())}));
    out.push_back({"target", target[0][*partIndex(run, features_id, node.part)]});
  }
  out.push_back({"prediction", std::move(predicted.columns[0])});
  if (predicted.columns.size() > 1) out.push_back({"probability", std::move(predicted.columns[1])});
  return out;
}

Json render(const Columns& columns, const ShowRequest& request) {
  const std::int64_t rows = columns.empty() ? 0 : columns[0].column.rows;
  Json out{{"rows_total", rows}, {"columns", Json::array()}, {"rows", Json::array()}};
  for (const data::NamedColumn& named : columns) {
    Json column{{"name", named.name}, {"type", ir::typeText(named.column.type)}, {"rows", named.column.rows}};
    if (request.stats) column.update(columnStats(named.column));
    out["columns"].push_back(std::move(column));
  }
  for (std::int64_t r = 0; r < rows && r < static_cast<std::int64_t>(request.rows); ++r) {
    Json row = Json::array();
    for (const data::NamedColumn& named : columns) row.push_back(jsonValue(named.column, r));
    out["rows"].push_back(std::move(row));
  }
  return out;
}

/// What a binary model said and what came of it, in ten bins of equal width; no bins for other tasks.
Result<std::string> calibration(Run& run, ir::NodeId id) {
  const auto& node = std::get<ir::Evaluate>(run.node(id).body);
  CD4ML_TRY(const Predicted predicted, predictPart(run, node.model, node.part));
  CD4ML_TRY(const evaluate::EvaluateRequest request, requestOf(run, node, predicted));
  CD4ML_TRY(const std::vector<evaluate::CalibrationBin> bins, evaluate::calibrationCurve(request, 10));
  Json out{{"rows", request.rows}, {"bins", Json::array()}};
  for (const evaluate::CalibrationBin& bin : bins) {
    out["bins"].push_back({{"low", bin.low}, {"high", bin.high}, {"rows", bin.rows}, {"predicted", bin.predicted}, {"observed", bin.observed}});
  }
  return out.dump();
}

/// The small result of a node that holds no rows.
Result<std::string> smallResult(Run& run, ir::NodeId id) {
  CD4ML_TRY(const SlotContent content, fetchContent(run, id, 0));
  return content.value;
}

}  // namespace

Result<std::string> showNode(Run& run, const ShowRequest& request) {
  const ir::NodeBody& body = run.node(request.node).body;
  Result<Columns> columns = Columns{};
  if (std::holds_alternative<ir::Source>(body) || std::holds_alternative<ir::Table>(body)) {
    columns = namedColumns(run, request.node, request.slot);
  } else if (std::holds_alternative<ir::Features>(body)) {
    columns = featureColumns(run, request);
  } else if (std::holds_alternative<ir::Evaluate>(body) && (request.slot == "predictions" || !request.output.empty())) {
    columns = predictionRows(run, request.node);
  } else if (std::holds_alternative<ir::Evaluate>(body) && request.slot == "calibration") {
    return calibration(run, request.node);
  } else {
    return smallResult(run, request.node);
  }
  if (!columns.ok()) return std::move(columns).error();
  if (!request.output.empty()) CD4ML_TRY_VOID(data::writeTable(request.output, *columns));
  return render(*columns, request).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace cd4ml::engine
