#include <fmt/format.h>

#include <algorithm>

#include "compiler/ir/scoring.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/inspect_window.h"
#include "runtime/engine/table_program.h"
#include "runtime/evaluate/evaluate.h"

namespace cd4ml::engine {

namespace {

using monitor::Check;
using monitor::Role;
using monitor::Verdict;

double nullsOf(const score::ColumnView& view) {
  double nulls = 0;
  for (std::int64_t r = 0; r < view.rows; ++r) nulls += view.isValid(r) ? 0 : 1;
  return nulls;
}

double notFiniteOf(const score::ColumnView& view) {
  double out = 0;
  if (view.kind != ir::Kind::Float) return out;
  for (std::int64_t r = 0; r < view.rows; ++r) out += view.isValid(r) && !std::isfinite(view.floats()[r]) ? 1 : 0;
  return out;
}

/// Rows whose level is none of a closed category's, and the first such level.
double foreignRows(const score::ColumnView& view, const std::vector<std::string>& levels, std::string& first) {
  std::vector<bool> foreign;
  for (const std::string_view level : view.dictionary->levels) foreign.push_back(std::find(levels.begin(), levels.end(), level) == levels.end());
  double out = 0;
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (!view.isValid(r)) continue;
    const auto code = static_cast<std::size_t>(view.codes()[r]);
    if (!foreign[code]) continue;
    if (out == 0) first = std::string(view.dictionary->levels[code]);
    out += 1;
  }
  return out;
}

data::Column takeSome(const data::Column& column, const std::vector<std::int32_t>& rows) {
  return static_cast<std::int64_t>(rows.size()) == column.rows ? column : data::take(column, rows);
}

}  // namespace

/// Types promise: no null where there is no `?`, no level that a closed category does not have.
void WindowJudge::addRanges(const std::vector<std::int32_t>& rows, std::vector<Check>& out) const {
  for (const ir::Column& column : run_.node(subject_.base).columns) {
    const auto at = material_.rows().raw.find(column.name);
    if (at == material_.rows().raw.end()) continue;
    const data::Column some = takeSome(at->second, rows);
    const score::ColumnView view = some.view();
    const auto n = static_cast<double>(rows.size());
    if (!column.type.nullable) {
      if (const double nulls = nullsOf(view); nulls > 0) {
        out.push_back(monitor::checkBroken("range", column.name, nulls, n, 0, fmt::format("`{}` is null, which its type does not allow,", column.name)));
      }
    }
    if (column.type.kind == ir::Kind::Category && column.type.levels != nullptr) {
      std::string first;
      const double foreign = foreignRows(view, *column.type.levels, first);
      const std::string shown = column.has(ir::Role::Pii) ? "another value" : fmt::format("\"{}\"", first);
      out.push_back(monitor::checkBroken("range", column.name, foreign, n, 0, fmt::format("`{}` is {}, which is none of its categories,", column.name, shown)));
    }
  }
  if (const WatchedModel* model = material_.model(); model != nullptr && !model->bad.empty()) {
    const double bad = static_cast<double>(rows.size() - material_.goodPlaces(rows).size());
    out.push_back(monitor::checkBroken("range", "rows", bad, static_cast<double>(rows.size()), 0, fmt::format("rows cannot be scored ({})", model->bad[0].reason)));
  }
}

/// Field checks of the source, those of a share of the rows too.
Status WindowJudge::addFieldChecks(const std::vector<std::int32_t>& rows, std::vector<Check>& out) const {
  const auto* source = std::get_if<ir::Source>(&run_.node(subject_.base).body);
  if (source == nullptr) return Done{};
  const std::vector<ir::Column>& columns = run_.node(subject_.base).columns;
  for (const ir::FieldCheck& check : source->checks) {
    const Slots read = inputsRead(source->graph, std::span(&check.condition, 1));
    std::vector<data::Column> inputs(columns.size());
    bool there = true;
    for (const std::uint32_t slot : read) {
      const auto at = material_.rows().raw.find(columns[slot].name);
      if (at == material_.rows().raw.end()) there = false;
      else inputs[slot] = takeSome(at->second, rows);
    }
    if (!there) continue;
    const auto count = static_cast<std::int64_t>(rows.size());
    CD4ML_TRY(const std::vector<data::Column> held, features::compute(source->graph, std::span(&check.condition, 1), inputs, count, run_.execute()));
    const score::ColumnView view = held[0].view();
    double broken = 0;
    for (std::int64_t r = 0; r < view.rows; ++r) broken += view.isValid(r) && view.bools()[r] == 0 ? 1 : 0;
    Check one = monitor::checkBroken("range", check.text, broken, static_cast<double>(count), 1 - check.share, fmt::format("`check {}` does not hold", check.text));
    if (check.warning) one.verdict = std::min(one.verdict, Verdict::Warn);
    out.push_back(std::move(one));
  }
  return Done{};
}

/// `require EXPR` and `warn EXPR` over the window's rows; null holds.
Status WindowJudge::addRequires(const std::vector<std::int32_t>& rows, std::vector<Check>& out) const {
  const std::vector<ir::Column>& columns = run_.node(subject_.rows).columns;
  for (const ir::RequireOp& require : monitor().checks) {
    Check check{.kind = "require", .name = require.text, .n = static_cast<double>(rows.size())};
    std::vector<data::Column> inputs(columns.size() + 1);
    const Slots read = inputsRead(monitor().graph, std::span(&require.condition, 1));
    const bool predicts = std::find(read.begin(), read.end(), columns.size()) != read.end();
    std::vector<std::int32_t> used = rows;
    if (predicts && material_.model() == nullptr) check.verdict = Verdict::Insufficient, check.message = material_.noModel();
    if (predicts && material_.model() != nullptr) {
      // Rows that could not be scored have no prediction: they are left out.
      used.clear();
      for (const std::int32_t place : material_.goodPlaces(rows)) used.push_back(material_.model()->good[static_cast<std::size_t>(place)]);
      inputs[columns.size()] = material_.on(*material_.find("prediction", Role::Prediction), rows);
    }
    for (const std::uint32_t slot : read) {
      if (slot >= columns.size()) continue;
      const Computed& computed = material_.column(slot);
      if (computed.column) inputs[slot] = takeSome(*computed.column, used);
      else check.verdict = Verdict::Insufficient, check.message = computed.reason;
    }
    if (check.verdict == Verdict::Ok) {
      CD4ML_TRY(const std::vector<data::Column> held, computeAggregates(run_, monitor().graph, {require.condition}, inputs, static_cast<std::int64_t>(used.size()), {}, 1));
      const score::ColumnView view = held[0].view();
      if (view.isValid(0) && view.bools()[0] == 0) {
        check.verdict = require.warning ? Verdict::Warn : Verdict::Alarm;
        check.message = fmt::format("`{}` does not hold", require.text);
      }
    }
    out.push_back(std::move(check));
  }
  return Done{};
}

Result<std::vector<Check>> WindowJudge::check(const monitor::Window& window, const Reference& reference, const std::vector<double>& earlier_rows) const {
  std::vector<Check> out = material_.rows().schema;
  if (out.empty()) out.push_back({.kind = "schema", .name = "columns", .n = static_cast<double>(window.rows.size())});
  for (Check& each : out) each.n = static_cast<double>(window.rows.size());
  out.push_back(monitor::checkVolume(static_cast<double>(window.rows.size()), earlier_rows));
  const auto& rows = window.rows;
  if (static_cast<std::int64_t>(rows.size()) < leastRows(monitor())) return out;
  for (const Material::Item& item : material_.items()) {
    const Role wanted = subject_.deploy.valid() ? Role::Input : Role::Column;
    if (item.role != wanted || reference.baseline == nullptr) continue;
    const monitor::Series* series = reference.baseline->find(item.name, wanted);
    if (series == nullptr) continue;
    const data::Column column = material_.on(item, rows);
    const score::ColumnView view = column.view();
    out.push_back(monitor::checkMissing(*series, nullsOf(view), notFiniteOf(view), static_cast<double>(rows.size())));
    const auto* levels = std::get_if<monitor::LevelBaseline>(&series->values);
    if (levels == nullptr || !monitor::isLevels(view.kind)) continue;
    if (auto unseen = monitor::checkUnseen(*series, monitor::countLevels(view, *levels))) out.push_back(std::move(*unseen));
  }
  addRanges(rows, out);
  CD4ML_TRY_VOID(addFieldChecks(rows, out));
  CD4ML_TRY_VOID(addRequires(rows, out));
  return out;
}

Result<monitor::Json> WindowJudge::quality(const monitor::Window& window) const {
  using monitor::Json;
  Json out{{"rows", 0}, {"evaluates", Json::array()}};
  const auto& deploy = std::get<ir::Deploy>(run_.node(subject_.deploy).body);
  const WatchedModel* model = material_.model();
  const std::optional<data::Column>& captured = material_.rows().label;
  const std::optional<data::Column>& target = captured ? captured : material_.target().column;
  if (!deploy.gate.valid()) out["reason"] = "no gate says what is good enough";
  else if (model == nullptr) out["reason"] = material_.noModel();
  else if (!target) out["reason"] = material_.target().reason;
  if (out.contains("reason")) return out;
  const std::vector<std::int32_t> places = material_.goodPlaces(window.rows);
  std::vector<std::int32_t> rows;
  std::vector<std::int32_t> scored;
  const score::ColumnView labels = target->view();
  for (const std::int32_t place : places) {
    const std::int32_t row = model->good[static_cast<std::size_t>(place)];
    if (!labels.isValid(row)) continue;
    rows.push_back(row);
    scored.push_back(place);
  }
  out["rows"] = rows.size();
  if (static_cast<double>(rows.size()) < monitor::least_values) {
    out["reason"] = fmt::format("{} rows have a label, {} are needed", rows.size(), monitor::least_values);
    return out;
  }
  const score::Predictions predictions = selectPredictions(model->scores, scored);
  for (const ir::NodeId id : std::get<ir::Gate>(run_.node(deploy.gate).body).evaluates) {
    const auto& node = std::get<ir::Evaluate>(run_.node(id).body);
    if (node.model != deploy.model) continue;
    const std::vector<ir::Column>& columns = run_.node(subject_.rows).columns;
    evaluate::EvaluateRequest request;
    request.node = &node;
    request.rows = static_cast<std::int64_t>(rows.size());
    request.threads = run_.threads();
    request.columns.resize(columns.size());
    for (const ir::Column& column : columns) request.column_names.push_back(column.name);
    for (const std::uint32_t slot : evaluate::columnsRead(node)) {
      if (slot >= columns.size()) continue;
      if (!material_.column(slot).column) return Json{{"rows", rows.size()}, {"evaluates", Json::array()}, {"reason", material_.column(slot).reason}};
      request.columns[slot] = data::take(*material_.column(slot).column, rows);
    }
    request.target = data::take(*target, rows);
    if (material_.weight().column) request.weight = data::take(*material_.weight().column, rows);
    request.task = material_.task();
    request.classes = material_.classes();
    request.target_kind = material_.targetKind();
    request.predictions = &predictions;
    CD4ML_TRY(const std::string metrics, evaluate::evaluate(request));
    out["evaluates"].push_back({{"evaluate", run_.node(id).name}, {"metrics", Json::parse(metrics)}});
  }
  return out;
}

}  // namespace cd4ml::engine
