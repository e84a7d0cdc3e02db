#include "runtime/engine/raw_value.h"

#include <algorithm>

#include "runtime/engine/snapshots.h"
#include "runtime/engine/watched_features.h"
#include "runtime/score/gather.h"
#include "runtime/score/interpret.h"

namespace cd4ml::engine {

namespace {

/// The scoring program of a model that takes just this value for its feature: it replays what the value is made from.
RawValue derive(const ir::Pipeline& pipeline, ir::Features features, const std::string& name, const ir::Type& type) {
  ir::Pipeline extended = pipeline;
  features.split = {};
  features.target = {};
  features.weight = {};
  const ir::NodeId features_id{static_cast<std::uint32_t>(extended.nodes.size())};
  extended.nodes.push_back({.name = name, .columns = {{.name = name, .type = type}}, .body = std::move(features)});
  const ir::NodeId model_id{static_cast<std::uint32_t>(extended.nodes.size())};
  ir::Model model;
  model.features = features_id;
  extended.nodes.push_back({.name = name, .columns = {}, .body = std::move(model)});
  return {ir::deriveScoring(extended, model_id)};
}

/// Rows with all that the program takes for granted.
std::vector<std::int32_t> soundRows(const ir::ScoringProgram& program, const std::vector<data::Column>& inputs, std::int64_t rows) {
  std::vector<std::int32_t> sound;
  for (std::int64_t r = 0; r < rows; ++r) {
    bool whole = true;
    for (std::size_t i = 0; i < inputs.size() && whole; ++i) whole = program.inputs[i].type.nullable || inputs[i].view().isValid(r);
    if (whole) sound.push_back(static_cast<std::int32_t>(r));
  }
  return sound;
}

std::vector<score::ColumnView> viewsOf(const std::vector<data::Column>& columns) {
  std::vector<score::ColumnView> views;
  for (const data::Column& column : columns) views.push_back(column.view());
  return views;
}

}  // namespace

ir::NodeId rawNode(const ir::Pipeline& pipeline, ir::NodeId node) {
  ir::Features features;
  features.from = node;
  return derive(pipeline, std::move(features), "value", {}).program.base;
}

RawValue rawValueOfColumn(const ir::Pipeline& pipeline, ir::NodeId node, std::uint32_t slot) {
  const ir::Column& column = pipeline[node].columns[slot];
  ir::Features features;
  features.from = node;
  features.features = {features.graph.add({.op = ir::Op::Input, .type = column.type, .span = column.span, .slot = slot})};
  return derive(pipeline, std::move(features), column.name, column.type);
}

RawValue rawValueOf(const ir::Pipeline& pipeline, ir::NodeId features, ir::ValueId value, const ir::Type& type) {
  ir::Features copy = std::get<ir::Features>(pipeline[features].body);
  copy.features = {value};
  return derive(pipeline, std::move(copy), "target", type);
}

Result<data::Column> computeRaw(Run& run, const RawValue& value, const RawColumns& raw, std::int64_t rows) {
  const ir::ScoringProgram& program = value.program;
  CD4ML_CHECK(!value.readsHistory());
  std::vector<data::Column> inputs;
  for (const ir::Column& input : program.inputs) inputs.push_back(raw.at(input.name));
  const std::vector<std::int32_t> sound = soundRows(program, inputs, rows);
  const bool all = static_cast<std::int64_t>(sound.size()) == rows;
  if (!all) {
    for (data::Column& input : inputs) input = data::take(input, sound);
  }
  std::map<std::uint32_t, std::string> encoded;
  for (std::uint32_t l = 0; l < program.lookups.size(); ++l) {
    CD4ML_TRY(const Snapshot snapshot, takeSnapshot(run, program.lookups[l]));
    encoded[l] = encodeSnapshot(snapshot);
  }
  CD4ML_TRY(const auto lookups, openSnapshots(encoded));
  std::optional<score::RowError> row_error;
  const auto count = static_cast<std::int64_t>(sound.size());
  std::vector<ir::ValueId> wanted = program.features;
  for (const ir::FieldCheck& check : program.checks) wanted.push_back(check.condition);
  CD4ML_TRY(const auto blocks, score::interpret(program.graph, wanted, viewsOf(inputs), count, {}, lookups.get(), row_error));
  if (row_error) return makeError("CD5603", "a value cannot be computed: " + row_error->message);
  score::ColumnView view = blocks[0]->view();
  view.rows = count;
  data::Column out = joinBlocks({view});
  const auto holds = [&](std::int64_t at) {
    for (std::size_t c = 1; c < blocks.size(); ++c) {
      const score::ColumnView& check = blocks[c]->view();
      if (check.isValid(at) && check.bools()[at] == 0) return false;
    }
    return true;
  };
  if (all && program.checks.empty()) return out;
  std::vector<std::int32_t> places(static_cast<std::size_t>(rows), -1);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    if (holds(static_cast<std::int64_t>(i))) places[static_cast<std::size_t>(sound[i])] = static_cast<std::int32_t>(i);
  }
  return data::take(out, places);
}

}  // namespace cd4ml::engine
