#include "compiler/opt/table_definitions.h"

#include <algorithm>

namespace cd4ml::ir {

std::size_t endOfRows(const Table& table) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < table.ops.size(); ++i) {
    const auto* join = std::get_if<JoinOp>(&table.ops[i]);
    const bool multiplies = join != nullptr && join->kind != JoinOp::Kind::LookUp;
    const bool makes_rows = std::holds_alternative<GroupOp>(table.ops[i]) || std::holds_alternative<UnionOp>(table.ops[i]);
    if (multiplies || makes_rows) end = i + 1;
  }
  return end;
}

std::map<Variable, Definition> definitionsOf(const Table& table) {
  std::map<Variable, Definition> definitions;
  for (std::size_t i = 0; i < table.ops.size(); ++i) {
    if (const auto* derive = std::get_if<DeriveOp>(&table.ops[i])) definitions[derive->result] = {.derive = derive, .op = i};
    if (const auto* join = std::get_if<JoinOp>(&table.ops[i])) {
      for (std::size_t c = 0; c < join->results.size(); ++c) definitions[join->results[c]] = {.join = join, .join_column = c, .op = i};
    }
    if (const auto* asof = std::get_if<AsOfOp>(&table.ops[i])) {
      for (std::size_t c = 0; c < asof->results.size(); ++c) definitions[asof->results[c]] = {.asof = asof, .join_column = c, .op = i};
    }
    if (const auto* window = std::get_if<WindowOp>(&table.ops[i])) definitions[window->result] = {.window = window, .op = i};
    if (const auto* group = std::get_if<GroupOp>(&table.ops[i])) {
      for (const Variable result : group->key_results) definitions[result] = {.op = i};
      for (const Variable result : group->aggregate_results) definitions[result] = {.op = i};
    }
    if (const auto* more = std::get_if<UnionOp>(&table.ops[i])) {
      for (const Variable result : more->results) definitions[result] = {.op = i};
    }
  }
  return definitions;
}

std::vector<bool> neededValues(const Graph& graph, const std::vector<ValueId>& roots) {
  std::vector<bool> needed;
  for (const ValueId root : roots) {
    needed.resize(std::max<std::size_t>(needed.size(), root.index + 1));
    needed[root.index] = true;
  }
  for (std::size_t i = needed.size(); i-- > 0;) {
    const Value& value = graph.values[i];
    if (!needed[i] || value.op == Op::Fit) continue;
    for (const ValueId argument : value.args) {
      needed[argument.index] = true;
      if (value.op == Op::Encode) break;
    }
  }
  return needed;
}

std::set<Variable> readsOf(const Table& table, const Definition& definition) {
  if (definition.join != nullptr) return {definition.join->left_keys.begin(), definition.join->left_keys.end()};
  std::set<Variable> reads;
  if (definition.asof != nullptr) {
    reads.insert(definition.asof->left_keys.begin(), definition.asof->left_keys.end());
    reads.insert(definition.asof->left_time);
    return reads;
  }
  if (definition.window != nullptr) {  // of the row itself: what is folded comes from the sources
    const Window& window = definition.window->window;
    reads.insert(window.current_keys.begin(), window.current_keys.end());
    reads.insert(window.current_time);
    reads.insert(window.row_inputs.begin(), window.row_inputs.end());
    return reads;
  }
  const std::vector<bool> needed = neededValues(table.graph, {definition.derive->value});
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (needed[i] && table.graph.values[i].op == Op::Input) reads.insert(table.graph.values[i].slot);
  }
  return reads;
}

}  // namespace cd4ml::ir
