#include "runtime/engine/table_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "compiler/opt/table_needs.h"
#include "runtime/data/append.h"
#include "runtime/data/keep_rows.h"
#include "runtime/data/key_index.h"
#include "runtime/data/value_text.h"
#include "base/parallel.h"
#include "runtime/engine/run_asof.h"
#include "runtime/engine/run_window.h"

namespace cd4ml::engine {

namespace {

class Program {
 public:
  Program(Run& run, ir::NodeId id, const std::vector<ir::Variable>& wanted, Follow follow, std::size_t steps)
      : run_(run),
        node_(run.node(id)),
        table_(std::get<ir::Table>(node_.body)),
        follow_(follow),
        steps_(steps),
        needs_(table_, wanted, steps) {}

  Result<TableRows> execute() {
    CD4ML_TRY_VOID(loadInputs());
    for (std::size_t i = 0; i < steps_; ++i) {
      CD4ML_TRY_VOID(run_.checkCancelled());
      step_ = i;
      CD4ML_TRY_VOID(std::visit([&](const auto& op) { return apply(op); }, table_.ops[i]));
    }
    return std::move(rows_);
  }

 private:
  [[nodiscard]] const opt::VariableSet& needsAfter() const { return needs_.after(step_); }

  Status loadInputs() {
    const std::size_t inputs = run_.node(table_.from).columns.size();
    Slots slots;
    for (std::uint32_t v = 0; v < inputs; ++v) {
      if (needs_.before(0)[v]) slots.push_back(v);
    }
    rows_.variables.resize(table_.variables);
    if (slots.empty()) {
      CD4ML_TRY(rows_.rows, countRows(run_, table_.from));
      return Done{};
    }
    CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run_, table_.from, slots));
    for (std::size_t i = 0; i < slots.size(); ++i) rows_.variables[slots[i]] = std::move(columns[i]);
    rows_.rows = rows_.variables[slots[0]].rows;
    return Done{};
  }

  /// `what`: what people call the value, for row errors.
  Result<data::Column> compute(ir::ValueId value, const std::string& what) {
    const ir::Value& v = table_.graph[value];
    if (v.op == ir::Op::Input) return rows_.variables[v.slot];
    features::ExecuteOptions options = run_.execute();
    options.nameOf = [&](ir::ValueId) { return fmt::format("{} of `{}`", what, node_.name); };
    CD4ML_TRY(std::vector<data::Column> out,
              features::compute(table_.graph, std::span(&value, 1), rows_.variables, rows_.rows, options));
    return std::move(out[0]);
  }

  /// Keeps the rows at `indices` of every variable that is needed from here on.
  void keepRows(const std::vector<std::int32_t>& indices) {
    std::vector<std::size_t> kept;
    for (std::size_t v = 0; v < rows_.variables.size(); ++v) {
      if (needsAfter()[v] && rows_.variables[v].type.kind != ir::Kind::Error)
        kept.push_back(v);
      else
        rows_.variables[v] = {};
    }
    parallelFor(run_.threads(), kept.size(),
                      [&](std::size_t i) { rows_.variables[kept[i]] = data::take(rows_.variables[kept[i]], indices); });
    followRows(indices);
    rows_.rows = static_cast<std::int64_t>(indices.size());
  }

  void followRows(const std::vector<std::int32_t>& indices) {
    if (follow_ == Follow::Nothing) return;
    std::vector<std::int32_t> origins = indices;
    if (!rows_.origins.empty()) {
      for (std::int32_t& row : origins) row = rows_.origins[static_cast<std::size_t>(row)];
    }
    rows_.origins = std::move(origins);
  }

  Status apply(const ir::FilterOp& op) {
    CD4ML_TRY(const data::Column condition, compute(op.condition, "the filter"));
    const score::ColumnView view = condition.view();
    std::vector<std::int32_t> kept;
    kept.reserve(static_cast<std::size_t>(view.rows));
    for (std::int64_t r = 0; r < view.rows; ++r) {
      if (view.bools()[r] != 0 && view.isValid(r)) kept.push_back(static_cast<std::int32_t>(r));
    }
    if (static_cast<std::int64_t>(kept.size()) != rows_.rows) keepRows(kept);
    return Done{};
  }

  Status apply(const ir::DeriveOp& op) {
    if (!needsAfter()[op.result]) return Done{};
    CD4ML_TRY(rows_.variables[op.result], compute(op.value, nameOf(op.result)));
    return Done{};
  }

  Status apply(const ir::GroupOp& op) {
    CD4ML_CHECK(follow_ == Follow::Nothing);
    std::vector<data::Column> keys;
    for (const ir::ValueId key : op.keys) {
      CD4ML_TRY(keys.emplace_back(), compute(key, "a key"));
    }
    const data::RowGroups groups = data::groupByKeys(keys, rows_.rows);
    const auto count = static_cast<std::int64_t>(groups.first_rows.size());
    std::vector<ir::ValueId> wanted;
    std::vector<ir::Variable> results;
    for (std::size_t a = 0; a < op.aggregates.size(); ++a) {
      if (!needsAfter()[op.aggregate_results[a]]) continue;
      wanted.push_back(op.aggregates[a]);
      results.push_back(op.aggregate_results[a]);
    }
    std::vector<data::Column> computed;
    if (!wanted.empty()) {
      CD4ML_TRY(computed,
                computeAggregates(run_, table_.graph, wanted, rows_.variables, rows_.rows, groups.group_of_row, count));
    }
    std::vector<data::Column> variables(table_.variables);
    for (std::size_t k = 0; k < keys.size(); ++k) variables[op.key_results[k]] = data::take(keys[k], groups.first_rows);
    for (std::size_t a = 0; a < computed.size(); ++a) variables[results[a]] = std::move(computed[a]);
    rows_.variables = std::move(variables);
    rows_.rows = count;
    return Done{};
  }

  Status apply(const ir::RequireOp& op) {
    CD4ML_TRY([[maybe_unused]] const bool holds, requireRows(run_, table_.graph, op, rows_.variables, rows_.rows, node_.name));
    return Done{};
  }

  Status apply(const ir::WindowOp& op) {
    if (!needsAfter()[op.result]) return Done{};
    const WindowColumns own{rows_.variables, rows_.rows};
    CD4ML_TRY(rows_.variables[op.result], WindowRunner(run_).fold(op.window, own, own));
    return Done{};
  }
  Status apply(const ir::AsOfOp& op) {
    if (!opt::matters(op, needsAfter())) return Done{};
    AsOfLeft left{.keys = {}, .time = rows_.variables[op.left_time]};
    for (const ir::Variable key : op.left_keys) left.keys.push_back(rows_.variables[key]);
    std::vector<std::size_t> wanted;
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (needsAfter()[op.results[c]]) wanted.push_back(c);
    }
    CD4ML_TRY(std::vector<data::Column> columns, runAsOf(run_, op, left, wanted));
    for (std::size_t i = 0; i < wanted.size(); ++i) rows_.variables[op.results[wanted[i]]] = std::move(columns[i]);
    return Done{};
  }

  [[nodiscard]] std::vector<data::Column> columnsOf(const std::vector<ir::Variable>& variables) const {
    std::vector<data::Column> columns;
    for (const ir::Variable variable : variables) columns.push_back(rows_.variables[variable]);
    return columns;
  }

  Status apply(const ir::DedupeOp& op) {
    std::vector<ir::Variable> needed;
    for (ir::Variable v = 0; v < table_.variables; ++v) {
      if (needsAfter()[v] && rows_.variables[v].type.kind != ir::Kind::Error) needed.push_back(v);
    }
    const std::vector<data::Column> keys = columnsOf(op.keys);
    const data::Keep keep = op.keep_last ? data::Keep::Last : data::Keep::First;
    const data::DedupedRows kept = data::dedupeRows(keys, rows_.variables[op.by], keep, columnsOf(needed), rows_.rows);
    if (kept.tie) return tiedRows(op, keys, *kept.tie, needed[kept.tie->column]);
    if (static_cast<std::int64_t>(kept.rows.size()) != rows_.rows) keepRows(kept.rows);
    return Done{};
  }

  Error tiedRows(const ir::DedupeOp& op, std::vector<data::Column> keys, const data::TiedRows& tie, ir::Variable differs) const {
    const data::Column& values = rows_.variables[differs];
    keys.push_back(rows_.variables[op.by]);
    const std::string_view place = op.keep_last ? "last" : "first";
    Error e = makeError("CD5023",
                        fmt::format("rows of `{}` with {} tie for the {} and differ in {}: {} and {}", node_.name, data::keyText(keys, op.names, tie.row), place,
                                    nameOf(differs), data::valueText(values, tie.row), data::valueText(values, tie.other)),
                        op.span);
    e.help.push_back(fmt::format("let a column without ties decide, `keep {} by COLUMN`, or make it a key", place));
    return e;
  }

  /// What a person calls a variable.
  [[nodiscard]] std::string nameOf(ir::Variable variable) const {
    for (std::size_t i = 0; i < table_.outputs.size() && i < node_.columns.size(); ++i) {
      if (table_.outputs[i] == variable) return "`" + node_.columns[i].name + "`";
    }
    const std::vector<ir::Column>& columns = run_.node(table_.from).columns;
    return variable < columns.size() ? "`" + columns[variable].name + "`" : std::string("a derived column");
  }

  Status apply(const ir::SampleOp& op) {
    std::vector<data::Column> ids = columnsOf(op.ids);
    std::erase_if(ids, [](const data::Column& column) { return column.type.kind == ir::Kind::Null; });
    const std::vector<std::int32_t> kept = data::sampleRows(ids, rows_.rows, op.share, static_cast<std::uint64_t>(op.seed), run_.threads());
    if (static_cast<std::int64_t>(kept.size()) != rows_.rows) keepRows(kept);
    return Done{};
  }

  Status apply(const ir::UnionOp& op) {
    CD4ML_CHECK(follow_ == Follow::Nothing);
    std::vector<std::size_t> needed;
    Slots slots;
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!needsAfter()[op.results[c]]) continue;
      needed.push_back(c);
      slots.push_back(op.right_columns[c]);
    }
    std::vector<data::Column> right;
    std::int64_t right_rows = 0;
    if (slots.empty()) {
      CD4ML_TRY(right_rows, countRows(run_, op.right));
    } else {
      CD4ML_TRY(right, fetchColumns(run_, op.right, slots));
      right_rows = right[0].rows;
    }
    std::vector<data::Column> variables(table_.variables);
    parallelFor(run_.threads(), needed.size(), [&](std::size_t i) {
      variables[op.results[needed[i]]] = data::append(rows_.variables[op.left[needed[i]]], right[i]);
    });
    rows_.variables = std::move(variables);
    rows_.rows += right_rows;
    return Done{};
  }

  Status apply(const ir::JoinOp& op) {
    if (!opt::matters(op, needsAfter())) return Done{};
    std::vector<data::Column> left;
    for (const ir::Variable key : op.left_keys) left.push_back(rows_.variables[key]);
    CD4ML_TRY(const std::vector<data::Column> right, fetchColumns(run_, op.right, op.right_keys));
    const data::KeyMatches matches(data::viewsOf(left), rows_.rows, data::viewsOf(right), right[0].rows);
    std::vector<std::int32_t> left_rows;
    std::vector<std::int32_t> right_rows;
    for (std::int64_t r = 0; r < rows_.rows; ++r) {
      const auto found = matches.rows(r);
      if (op.kind == ir::JoinOp::Kind::LookUp && found.size() > 1)
        return duplicateKey(op, right, found[0], found.size());
      for (const std::int32_t match : found) {
        left_rows.push_back(static_cast<std::int32_t>(r));
        right_rows.push_back(match);
      }
      if (!found.empty() || op.kind == ir::JoinOp::Kind::Inner) continue;
      left_rows.push_back(static_cast<std::int32_t>(r));
      right_rows.push_back(-1);
    }
    if (op.kind != ir::JoinOp::Kind::LookUp) {
      CD4ML_CHECK(follow_ == Follow::Nothing);
      keepRows(left_rows);
    }
    return bringIn(op, right_rows);
  }

  Status bringIn(const ir::JoinOp& op, const std::vector<std::int32_t>& right_rows) {
    Slots slots;
    std::vector<ir::Variable> results;
    for (std::size_t c = 0; c < op.results.size(); ++c) {
      if (!needsAfter()[op.results[c]]) continue;
      slots.push_back(op.right_columns[c]);
      results.push_back(op.results[c]);
    }
    if (slots.empty()) return Done{};
    CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run_, op.right, slots));
    for (std::size_t c = 0; c < columns.size(); ++c) {
      data::Column taken = data::take(columns[c], right_rows);
      taken.type.nullable = true;
      rows_.variables[results[c]] = std::move(taken);
    }
    return Done{};
  }

  Error duplicateKey(const ir::JoinOp& op, const std::vector<data::Column>& right, std::int32_t row,
                     std::size_t count) const {
    const ir::Node& other = run_.node(op.right);
    std::vector<std::string> names;
    for (const std::uint32_t key : op.right_keys) names.push_back(other.columns[key].name);
    Error e = makeError("CD5015",
                        fmt::format("`{}` has {} rows with {}; a look-up join takes at most one", other.name, count,
                                    data::keyText(right, names, row)),
                        op.span);
    e.help.push_back(fmt::format("remove the duplicates from `{}`, or write `join many`", other.name));
    return e;
  }

  Run& run_;
  const ir::Node& node_;
  const ir::Table& table_;
  Follow follow_;
  std::size_t steps_;
  std::size_t step_ = 0;
  opt::TableNeeds needs_;
  TableRows rows_;
};

}  // namespace

Result<TableRows> runVerbs(Run& run, ir::NodeId id, const std::vector<ir::Variable>& wanted, Follow follow) {
  return Program(run, id, wanted, follow, std::get<ir::Table>(run.node(id).body).ops.size()).execute();
}

Result<TableRows> runFirstVerbs(Run& run, ir::NodeId id, const std::vector<ir::Variable>& wanted, std::size_t steps) {
  return Program(run, id, wanted, Follow::Nothing, steps).execute();
}

}  // namespace cd4ml::engine
