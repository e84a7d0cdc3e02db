#include "runtime/engine/inspect_material.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/engine/history.h"

namespace cd4ml::engine {

namespace {

/// A value that reads joined tables or earlier rows needs the project's rows.
Error needsRows(const std::string& what) {
  return makeError("CD5605", fmt::format("{} reads rows of other nodes, which come from the sources of the project", what));
}

/// The value on all rows, or why not. An error only where the project's rows are wanted and not at hand.
Result<Computed> computeIfThere(Run& run, const RawValue& value, const InspectedRows& rows, bool rows_at_hand, const std::string& what) {
  Computed out;
  for (const ir::Column& input : value.program.inputs) {
    if (rows.raw.contains(input.name) || input.name.starts_with("over:")) continue;
    const auto why = rows.absent.find(input.name);
    out.reason = fmt::format("{} needs `{}`: {}", what, input.name, why == rows.absent.end() ? "it is not among the rows" : why->second);
    return out;
  }
  if (value.readsHistory()) {
    out.reason = fmt::format("{} reads earlier rows, which a monitor does not follow", what);
    return out;
  }
  if (!value.program.lookups.empty() && !rows_at_hand) return needsRows(what);
  Result<data::Column> computed = computeRaw(run, value, rows.raw, rows.rows);
  if (computed.ok()) out.column = std::move(*computed);
  else out.reason = computed.error().describe();
  return out;
}

}  // namespace

Subject subjectOf(const Run& run, ir::NodeId monitor) {
  const auto& watching = std::get<ir::Monitor>(run.node(monitor).body);
  Subject out{.monitor = monitor, .deploy = {}, .features = {}, .rows = watching.subject, .base = {}};
  if (const auto* deploy = std::get_if<ir::Deploy>(&run.node(watching.subject).body)) {
    ir::NodeId model = deploy->model;
    const auto& body = std::get<ir::Model>(run.node(model).body);
    if (!body.candidates.empty()) model = body.candidates.front();
    out.deploy = watching.subject;
    out.features = std::get<ir::Model>(run.node(model).body).features;
    out.rows = std::get<ir::Features>(run.node(out.features).body).from;
  }
  out.base = rawNode(run.pipeline(), out.rows);
  return out;
}

Result<Material> Material::make(Run& run, const Subject& subject, const score::RowScorer* scorer, const score::LookupSnapshots* lookups,
                                InspectedRows rows, bool rows_at_hand) {
  Material out;
  out.rows_ = std::move(rows);
  const InspectedRows& all = out.rows_;
  const ir::Node& node = run.node(subject.rows);
  for (std::uint32_t slot = 0; slot < node.columns.size(); ++slot) {
    const RawValue value = rawValueOfColumn(run.pipeline(), subject.rows, slot);
    CD4ML_TRY(Computed computed, computeIfThere(run, value, all, rows_at_hand, fmt::format("`{}`", node.columns[slot].name)));
    if (computed.column && !node.columns[slot].has(ir::Role::Pii)) out.items_.push_back({node.columns[slot].name, monitor::Role::Column, *computed.column});
    out.columns_.push_back(std::move(computed));
  }
  if (scorer == nullptr) return out;
  const auto& features = std::get<ir::Features>(run.node(subject.features).body);
  if (features.target.valid()) {
    const RawValue value = rawValueOf(run.pipeline(), subject.features, features.target, features.graph[features.target].type);
    CD4ML_TRY(out.target_, computeIfThere(run, value, all, rows_at_hand, "the target"));
  }
  if (features.weight.valid()) {
    const RawValue value = rawValueOf(run.pipeline(), subject.features, features.weight, features.graph[features.weight].type);
    CD4ML_TRY(out.weight_, computeIfThere(run, value, all, rows_at_hand, "the weight"));
  }
  const score::Bundle& bundle = scorer->bundle();
  out.task_ = bundle.model.task;
  out.classes_ = bundle.model.classes;
  out.target_kind_ = bundle.model.target;
  CD4ML_TRY(const std::vector<ir::HistoryInput> history, historyOf(bundle));
  std::vector<data::Column> raw;
  for (std::size_t i = 0; i < bundle.program.inputs.size(); ++i) {
    const ir::Column& input = bundle.program.inputs[i];
    const auto at = all.raw.find(input.name);
    if (at == all.raw.end()) {
      const bool folded = std::any_of(history.begin(), history.end(), [&](const ir::HistoryInput& h) { return h.input == i; });
      if (folded) continue;
      const auto why = all.absent.find(input.name);
      out.no_model_ = fmt::format("the model needs `{}`: {}", input.name, why == all.absent.end() ? "it is not among the rows" : why->second);
      continue;
    }
    raw.push_back(at->second);
    if (!input.has(ir::Role::Pii)) out.items_.push_back({input.name, monitor::Role::Input, at->second});
  }
  if (!out.no_model_.empty()) return out;
  if (!history.empty()) {
    if (!rows_at_hand) return needsRows("the model");
    CD4ML_TRY_VOID(addHistory(run, bundle, history, raw, all.rows));
  }
  Result<WatchedModel> watched = watchModel(*scorer, lookups, raw, all.rows, run.threads());
  if (!watched.ok()) return std::move(watched).error();
  out.model_ = std::move(*watched);
  out.place_of_row_.assign(static_cast<std::size_t>(all.rows), -1);
  for (std::size_t i = 0; i < out.model_->good.size(); ++i) out.place_of_row_[static_cast<std::size_t>(out.model_->good[i])] = static_cast<std::int32_t>(i);
  for (const WatchedColumn& feature : out.model_->features) out.items_.push_back({feature.name, monitor::Role::Feature, feature.column, true});
  for (std::size_t i = 0; i < out.model_->predictions.size(); ++i) {
    const WatchedColumn& each = out.model_->predictions[i];
    out.items_.push_back({each.name, i == 0 ? monitor::Role::Prediction : monitor::Role::Probability, each.column, true});
  }
  return out;
}

const Material::Item* Material::find(std::string_view name, monitor::Role role) const {
  const auto at = std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.role == role && item.name == name; });
  return at == items_.end() ? nullptr : &*at;
}

std::vector<std::int32_t> Material::goodPlaces(const std::vector<std::int32_t>& rows) const {
  std::vector<std::int32_t> places;
  for (const std::int32_t row : rows) {
    if (const std::int32_t place = place_of_row_[static_cast<std::size_t>(row)]; place >= 0) places.push_back(place);
  }
  return places;
}

data::Column Material::on(const Item& item, const std::vector<std::int32_t>& rows) const {
  if (item.on_good) {
    const std::vector<std::int32_t> places = goodPlaces(rows);
    return static_cast<std::int64_t>(places.size()) == item.column.rows ? item.column : data::take(item.column, places);
  }
  return static_cast<std::int64_t>(rows.size()) == item.column.rows ? item.column : data::take(item.column, rows);
}

}  // namespace cd4ml::engine
