#include <algorithm>

#include <fmt/format.h>

#include "runtime/engine/features_fit.h"
#include "runtime/engine/row_ids.h"
#include "runtime/engine/run_window.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {

namespace {

bool isFitted(const ir::Value& value) { return value.op == ir::Op::Fit || value.op == ir::Op::Encode; }

/// Encoders that use the target place training rows in folds, and need row ids for it.
bool needsRowIds(const ir::Graph& graph, const std::vector<std::uint32_t>& needed) {
  return std::any_of(needed.begin(), needed.end(), [&](std::uint32_t v) {
    return graph.values[v].op == ir::Op::Encode && graph.values[v].args.size() > 1;
  });
}

}  // namespace

std::vector<ir::ValueId> slotValues(const ir::Features& features, const Slots& slots) {
  std::vector<ir::ValueId> values;
  for (const std::uint32_t slot : slots) {
    const std::size_t count = features.features.size();
    if (slot < count)
      values.push_back(features.features[slot]);
    else if (slot == count && features.target.valid())
      values.push_back(features.target);
    else
      values.push_back(features.weight);
  }
  return values;
}

Result<PartedRows> loadParts(Run& run, const ir::Features& features, const std::vector<ir::ValueId>& values) {
  PartedRows out;
  const std::vector<std::uint32_t> needed = valuesNeeded(features.graph, values);
  const Slots read = inputsRead(features.graph, values);
  const Slots slots = columnsUnder(run, features, read);
  CD4ML_TRY(out.inputs, fetchSparse(run, features.from, slots));
  if (slots.empty()) {
    CD4ML_TRY(out.rows, countRows(run, features.from));
  } else {
    out.rows = out.inputs[slots[0]].rows;
  }
  const Stopwatch windows_watch;
  CD4ML_TRY_VOID(addWindows(run, features, read, out.inputs, out.rows));
  if (!features.windows.empty()) run.phase("windows", windows_watch.seconds());
  if (features.split.valid()) {
    const auto& split = std::get<ir::Split>(run.node(features.split).body);
    CD4ML_TRY(const data::Column assignment, fetchSplit(run, features.split));
    out.parts = partRows(split, assignment);
    for (const ir::Split::Share& share : split.shares) out.names.push_back(share.part);
  } else {
    CD4ML_TRY(out.parts.emplace_back(), labelledRows(run, features, out.rows));
    out.names.push_back(ir::Part::Train);
  }
  if (needsRowIds(features.graph, needed)) {
    const Slots ids = features.split.valid() ? std::get<ir::Split>(run.node(features.split).body).id_columns : Slots{};
    CD4ML_TRY(out.row_ids, rowIdsOf(run, features.from, ids.empty() ? idColumns(run, features.from) : ids));
  }
  return out;
}

Result<features::RowSet> labelledRows(Run& run, const ir::Features& features, std::int64_t rows) {
  features::RowSet all{.begin = 0, .count = rows, .indices = {}};
  if (features.after_us == 0) return all;
  CD4ML_TRY(const std::vector<data::Column> time, fetchColumns(run, features.from, {features.time_column}));
  CD4ML_TRY(const std::int64_t end, newestTime(run, features.ends));
  const std::vector<std::int64_t> times = data::eventTimes(time[0]);
  features::RowSet known;
  for (std::size_t r = 0; r < times.size(); ++r) {
    if (times[r] != data::WindowOrder::no_time && times[r] <= end - features.after_us) known.indices.push_back(static_cast<std::int32_t>(r));
  }
  known.count = known.size();
  return known;
}

Result<data::Column> fetchSplit(Run& run, ir::NodeId split) {
  const auto lock = run.artifacts.lockNode(split.index);
  ir::Type type;
  type.kind = ir::Kind::Bool;
  CD4ML_TRY(const SlotContent content, fetchContent(run, split, 0));
  if (auto column = run.artifacts.column(content.content, type)) return *std::move(column);
  CD4ML_TRY(const std::vector<SlotContent> made, runNode(run, split, {0}));
  if (made[0].content != content.content)
    return makeError("CD5020", "the parts of `" + run.node(split).name + "` came out different",
                     run.node(split).name_span);
  auto column = run.artifacts.column(content.content, type);
  CD4ML_CHECK(column.has_value());
  return *std::move(column);
}

Result<score::FittedState> fittedState(Run& run, ir::NodeId id, const Slots& slots) {
  const auto& features = std::get<ir::Features>(run.node(id).body);
  score::FittedState state;
  Slots missing;
  for (const std::uint32_t slot : slots) {
    CD4ML_TRY(const SlotContent content, fetchContent(run, id, slot));
    auto known = run.artifacts.fitted({id.index, content.content});
    bool complete = known.has_value();
    const std::vector<ir::ValueId> values = slotValues(features, {slot});
    for (const std::uint32_t v : valuesNeeded(features.graph, values)) {
      if (isFitted(features.graph.values[v])) complete = complete && known->contains(v);
    }
    if (complete)
      state.insert(known->begin(), known->end());
    else
      missing.push_back(slot);
  }
  if (missing.empty()) return state;
  const std::vector<ir::ValueId> values = slotValues(features, missing);
  CD4ML_TRY(const PartedRows rows, loadParts(run, features, values));
  CD4ML_TRY(const score::FittedState fitted,
            features::fit(features.graph, values, rows.inputs, rows.rows, rows.parts[0], rows.row_ids, run.execute()));
  state.insert(fitted.begin(), fitted.end());
  return state;
}

Result<std::vector<SlotContent>> runFeatures(Run& run, ir::NodeId id, const Slots& slots) {
  const auto& features = std::get<ir::Features>(run.node(id).body);
  const std::vector<ir::ValueId> values = slotValues(features, slots);
  CD4ML_TRY(const PartedRows rows, loadParts(run, features, values));
  CD4ML_TRY_VOID(run.checkCancelled());
  features::ExecuteOptions options = run.execute();
  const std::vector<std::string> names = ir::slotNames(run.node(id));
  options.nameOf = [&](ir::ValueId wanted) {
    const auto at = std::find(values.begin(), values.end(), wanted);
    return at == values.end() ? std::string{} : fmt::format("`{}` of `{}`", names.at(slots[static_cast<std::size_t>(at - values.begin())]), run.node(id).name);
  };
  const Stopwatch fit_watch;
  CD4ML_TRY(const score::FittedState fitted,
            features::fit(features.graph, values, rows.inputs, rows.rows, rows.parts[0], rows.row_ids, options));
  run.phase("fit", fit_watch.seconds());
  CD4ML_TRY_VOID(run.checkCancelled());
  const Stopwatch watch;
  CD4ML_TRY(const auto columns, features::computeByPart(features.graph, values, rows.inputs, rows.rows, rows.parts,
                                                        fitted, rows.row_ids, options));
  run.phase("compute", watch.seconds());
  const Cost cost{(fit_watch.seconds()) / static_cast<double>(slots.size()), false};
  const Stopwatch hash_watch;
  std::vector<SlotContent> out;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    CD4ML_TRY(out.emplace_back(), keepParts(run, columns[i], cost));
    score::FittedState own;
    for (const std::uint32_t v : valuesNeeded(features.graph, std::span(&values[i], 1))) {
      if (const auto at = fitted.find(v); at != fitted.end()) own.insert(*at);
    }
    run.artifacts.keepFitted({id.index, out.back().content}, std::move(own));
  }
  run.phase("hash", hash_watch.seconds());
  return out;
}

}  // namespace cd4ml::engine
