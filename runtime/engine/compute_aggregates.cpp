#include <algorithm>

#include <fmt/format.h>

#include "runtime/data/aggregate.h"
#include "runtime/engine/table_program.h"

namespace cd4ml::engine {

namespace {

/// The number that quantile takes, an option or a constant argument.
double shareOf(const ir::Graph& graph, const ir::Value& aggregate) {
  const auto number = [](const ir::Literal& literal) -> const double* { return std::get_if<double>(&literal.value); };
  for (const ir::Literal& option : aggregate.options) {
    if (const double* share = number(option)) return *share;
  }
  for (const ir::ValueId arg : aggregate.args) {
    if (graph[arg].op != ir::Op::Constant) continue;
    if (const double* share = number(graph[arg].literal)) return *share;
  }
  return 0.5;
}

}  // namespace

Result<std::vector<data::Column>> computeAggregates(Run& run, const ir::Graph& graph,
                                                    const std::vector<ir::ValueId>& wanted,
                                                    const std::vector<data::Column>& columns, std::int64_t rows,
                                                    std::span<const std::int32_t> group_of_row, std::int64_t groups) {
  std::vector<ir::ValueId> folds;
  std::vector<ir::ValueId> arguments;
  for (const std::uint32_t v : valuesNeeded(graph, wanted)) {
    if (graph.values[v].op != ir::Op::Aggregate) continue;
    folds.push_back({v});
    if (!graph.values[v].args.empty()) arguments.push_back(graph.values[v].args[0]);
  }
  std::vector<data::Column> computed;
  if (!arguments.empty()) {
    CD4ML_TRY(computed, features::compute(graph, arguments, columns, rows, run.execute()));
  }
  const bool ungrouped = group_of_row.empty() && groups == 1;
  const data::Groups by_group = ungrouped ? data::oneGroup(rows) : data::groupRows(group_of_row, groups);
  // What stands around the aggregates is computed over the groups: each aggregate becomes an input of that graph.
  ir::Graph outer = graph;
  std::vector<data::Column> folded;
  std::size_t next_argument = 0;
  for (const ir::ValueId fold : folds) {
    const ir::Value& value = graph[fold];
    data::AggregateRequest request{
        .name = value.name, .share = shareOf(graph, value), .result = value.type, .span = value.span};
    if (!value.args.empty()) request.argument = &computed[next_argument++];
    CD4ML_TRY(folded.emplace_back(), data::aggregate(request, by_group));
    ir::Value input;
    input.op = ir::Op::Input;
    input.type = value.type;
    input.span = value.span;
    input.slot = static_cast<std::uint32_t>(folded.size() - 1);
    outer.values[fold.index] = std::move(input);
  }
  return features::compute(outer, wanted, folded, by_group.count(), run.execute());
}

Result<bool> requireRows(Run& run, const ir::Graph& graph, const ir::RequireOp& require, const std::vector<data::Column>& columns,
                         std::int64_t rows, const std::string& node) {
  CD4ML_TRY(const std::vector<data::Column> held, computeAggregates(run, graph, {require.condition}, columns, rows, {}, 1));
  const score::ColumnView view = held[0].view();
  if (!view.isValid(0) || view.bools()[0] != 0) return true;
  Error error = makeError("CD5017", fmt::format("`{}` does not hold for the {} rows of `{}`", require.text, rows, node), require.span);
  if (!require.warning) return error;
  if (run.task.warn) run.task.warn(error);
  return false;
}

}  // namespace cd4ml::engine
