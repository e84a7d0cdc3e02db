#include "runtime/evaluate/expression.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/data/aggregate.h"
#include "runtime/features/execute.h"

namespace cd4ml::evaluate {

namespace {

/// Values that `wanted` needs, in order.
std::vector<ir::ValueId> needed(const ir::Graph& graph, ir::ValueId wanted) {
  std::vector<bool> marked(graph.values.size(), false);
  marked[wanted.index] = true;
  std::vector<ir::ValueId> out;
  for (std::size_t v = graph.values.size(); v-- > 0;) {
    if (!marked[v]) continue;
    out.push_back({static_cast<std::uint32_t>(v)});
    for (const ir::ValueId arg : graph.values[v].args) marked[arg.index] = true;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

double shareOf(const ir::Graph& graph, const ir::Value& aggregate) {
  const auto number = [](const ir::Literal& literal) { return std::get_if<double>(&literal.value); };
  for (const ir::Literal& option : aggregate.options) {
    if (const double* share = number(option)) return *share;
  }
  for (const ir::ValueId arg : aggregate.args) {
    if (const double* share = number(graph[arg].literal); share != nullptr && graph[arg].op == ir::Op::Constant) return *share;
  }
  return 0.5;
}

data::Column roundedToInt(const data::Column& column, ir::Kind kind) {
  data::Column out = column;
  out.type.kind = kind;
  auto buffer = data::allocateBuffer(static_cast<std::size_t>(column.rows) * sizeof(std::int64_t));
  auto* to = reinterpret_cast<std::int64_t*>(buffer.get());
  for (std::int64_t r = 0; r < column.rows; ++r) to[r] = static_cast<std::int64_t>(std::nearbyint(column.view().floats()[r]));
  out.values = std::move(buffer);
  return data::finishColumn(std::move(out));
}

/// The columns by input slot: those of the rows' node, then prediction, probability, target, weight.
std::vector<data::Column> inputColumns(const EvaluateRequest& request, const std::vector<ir::ValueId>& values, std::span<const std::int32_t> rows) {
  const std::size_t own = request.column_names.size();
  std::vector<data::Column> predicted = predictionColumns(*request.predictions, request.task, request.target_kind, request.classes);
  std::vector<data::Column> inputs(own + 4);
  for (const ir::ValueId id : values) {
    const ir::Value& value = request.node->graph[id];
    if (value.op != ir::Op::Input || inputs[value.slot].rows > 0) continue;
    const data::Column* column = nullptr;
    if (value.slot < own) column = &request.columns[value.slot];
    else if (value.slot < own + 2) column = &predicted[value.slot - own];
    else column = value.slot == own + 2 ? &request.target : &request.weight;
    const bool everything = static_cast<std::int64_t>(rows.size()) == request.rows;
    inputs[value.slot] = everything ? *column : data::take(*column, rows);
    if (value.type.kind == ir::Kind::Int && column->type.kind == ir::Kind::Float) inputs[value.slot] = roundedToInt(inputs[value.slot], ir::Kind::Int);
  }
  return inputs;
}

data::Groups asGroups(std::span<const std::vector<std::int32_t>> groups) {
  data::Groups out;
  out.begins.push_back(0);
  for (const auto& group : groups) {
    out.order.insert(out.order.end(), group.begin(), group.end());
    out.begins.push_back(static_cast<std::int64_t>(out.order.size()));
  }
  return out;
}

std::vector<MetricValue> asMetrics(const data::Column& column) {
  const score::ColumnView view = column.view();
  std::vector<MetricValue> out;
  for (std::int64_t g = 0; g < column.rows; ++g) {
    if (!view.isValid(g)) out.push_back(undefined("the expression is null"));
    else if (view.kind == ir::Kind::Float) out.push_back(known(view.floats()[g]));
    else if (view.kind == ir::Kind::Bool) out.push_back(known(view.bools()[g]));
    else out.push_back(known(static_cast<double>(view.ints()[g])));
  }
  return out;
}

}  // namespace

Result<std::vector<MetricValue>> computeExpression(const EvaluateRequest& request, const ir::Metric& metric,
                                                   std::span<const std::int32_t> rows,
                                                   std::span<const std::vector<std::int32_t>> groups) {
  const ir::Graph& graph = request.node->graph;
  const std::vector<ir::ValueId> values = needed(graph, metric.expression);
  const std::vector<data::Column> inputs = inputColumns(request, values, rows);
  const auto row_count = static_cast<std::int64_t>(rows.size());
  const features::ExecuteOptions options{.threads = request.threads, .object_cache = {}};
  std::vector<ir::ValueId> arguments;
  for (const ir::ValueId id : values) {
    if (graph[id].op == ir::Op::Aggregate && !graph[id].args.empty()) arguments.push_back(graph[id].args[0]);
  }
  std::vector<data::Column> computed;
  if (!arguments.empty()) {
    CD4ML_TRY(computed, features::compute(graph, arguments, inputs, row_count, options));
  }
  // What stands around the aggregates is computed over the groups: each aggregate becomes an input of that graph.
  const data::Groups by_group = asGroups(groups);
  ir::Graph outer = graph;
  std::vector<data::Column> folded;
  std::size_t next = 0;
  for (const ir::ValueId id : values) {
    const ir::Value& value = graph[id];
    if (value.op != ir::Op::Aggregate) continue;
    data::AggregateRequest fold{.name = value.name, .argument = nullptr, .share = shareOf(graph, value), .result = value.type, .span = value.span};
    if (!value.args.empty()) fold.argument = &computed[next++];
    CD4ML_TRY(folded.emplace_back(), data::aggregate(fold, by_group));
    ir::Value input;
    input.op = ir::Op::Input;
    input.type = value.type;
    input.span = value.span;
    input.slot = static_cast<std::uint32_t>(folded.size() - 1);
    outer.values[id.index] = std::move(input);
  }
  CD4ML_TRY(const std::vector<data::Column> result, features::compute(outer, std::vector{metric.expression}, folded, by_group.count(), options));
  return asMetrics(result[0]);
}

}  // namespace cd4ml::evaluate
