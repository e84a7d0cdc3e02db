#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "compiler/ir/scoring.h"
#include "compiler/opt/history.h"
#include "compiler/opt/table_definitions.h"

namespace cd4ml::ir {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;

class Deriver {
 public:
  Deriver(const Pipeline& pipeline, NodeId id, const Features& features) : pipeline_(pipeline), features_id_(id), features_(features) {
    base_ = features.from;
    while (const auto* table = std::get_if<Table>(&pipeline_[base_].body)) {
      if (endOfRows(*table) > 0) break;
      base_ = table->from;
    }
  }

  ScoringProgram derive(const Node& features_node, const std::vector<std::uint32_t>& keys) {
    program_.base = base_;
    const auto column = [this](std::uint32_t slot) { return featureInput(slot); };
    const std::vector<ValueId> copies = copy(features_.graph, features_.features, column);
    for (std::size_t i = 0; i < copies.size(); ++i) {
      program_.features.push_back(copies[i]);
      program_.feature_names.push_back(features_node.columns[i].name);
    }
    for (const std::uint32_t key : keys) {
      program_.features.push_back(columnOf(features_.from, key));
      program_.feature_names.push_back(pipeline_[features_.from].columns[key].name);
    }
    takeChecks();
    sortInputs();
    return std::move(program_);
  }

 private:
  using InputOf = std::function<ValueId(std::uint32_t slot)>;

  ValueId add(Value value) { return program_.graph.add(std::move(value)); }

  /// Copies what `roots` need into the program; `input` gives the value of an Input slot. Result i belongs to root i.
  std::vector<ValueId> copy(const Graph& graph, const std::vector<ValueId>& roots, const InputOf& input) {
    const std::vector<bool> needed = neededValues(graph, roots);
    std::map<std::uint32_t, ValueId> copies;
    for (std::uint32_t i = 0; i < needed.size(); ++i) {
      if (!needed[i]) continue;
      const Value& value = graph.values[i];
      if (value.op == Op::Input) {
        copies[i] = input(value.slot);
        if (!value.type.nullable) requireValue(copies[i]);
        continue;
      }
      Value copied = value;
      if (value.op == Op::Fit) copied.args.clear();
      if (value.op == Op::Encode) copied.args.resize(1);
      for (ValueId& argument : copied.args) argument = copies[argument.index];
      copies[i] = add(std::move(copied));
      const bool is_fitted = value.op == Op::Fit || value.op == Op::Encode;
      if (is_fitted) program_.fitted.push_back({.value = copies[i], .origin = {i}});
    }
    std::vector<ValueId> results;
    for (const ValueId root : roots) results.push_back(copies[root.index]);
    return results;
  }

  /// Training narrowed null away here: in scoring it is an error of the row, as in a column that is never null.
  void requireValue(ValueId id) {
    Value& value = program_.graph.values[id.index];
    if (!value.type.nullable) return;
    if (value.op == Op::Input) {
      value.type.nullable = false;
      program_.inputs[value.slot].type.nullable = false;
      return;
    }
    if (!required_.insert(id).second) return;
    const Value test{.op = Op::Call, .type = {.kind = Kind::Bool}, .span = value.span, .name = notNullKernel(value.type.kind), .args = {id}};
    const auto name = value_names_.find(id);
    const std::string text = fmt::format("{} is not null", name == value_names_.end() ? "a derived value" : "`" + name->second + "`");
    const Span span = value.span;
    program_.checks.push_back({.condition = add(test), .share = 1, .warning = false, .text = text, .span = span});
  }

  static std::string notNullKernel(Kind kind) {
    switch (kind) {
      case Kind::Float: return "is_not_null_f";
      case Kind::Int:
      case Kind::Date:
      case Kind::Timestamp:
      case Kind::Duration: return "is_not_null_i";
      case Kind::Bool: return "is_not_null_b";
      case Kind::Category: return "is_not_null_c";
      case Kind::Text: return "is_not_null_t";
      case Kind::Error:
      case Kind::Null:
      case Kind::Vector: break;
    }
    CD4ML_UNREACHABLE("a column of this kind is never narrowed");
  }

  /// An input of the features' graph: a column of `from`, or behind those a window.
  ValueId featureInput(std::uint32_t slot) {
    const auto columns = static_cast<std::uint32_t>(pipeline_[features_.from].columns.size());
    if (slot < columns) return columnOf(features_.from, slot);
    if (const auto known = windows_.find(slot); known != windows_.end()) return known->second;
    const auto input = [this](std::uint32_t each) { return featureInput(each); };
    const ValueId value = windowInput(features_.windows[slot - columns], features_.from, {features_id_, slot - columns}, input);
    windows_[slot] = value;
    return value;
  }

  /// `own`: the node whose rows are folded where the window is over no other.
  ValueId windowInput(const Window& window, NodeId own, HistoryPlace place, const InputOf& input) {
    const NodeId rows = window.node.valid() ? window.node : own;
    HistoryInput history{.definition = {}, .reads = fmt::format("{} of `{}`", window.aggregate, pipeline_[rows].name), .keys = {}, .time = {},
                         .row_inputs = {}, .place = place, .rows = rows, .span = window.span};
    history.reads += byText(rows, window.node.valid() || place.node == features_id_ ? window.folded_keys : outputsOf(place.node, window.folded_keys));
    for (const std::uint32_t key : window.current_keys) history.keys.push_back(input(key));
    history.time = input(window.current_time);
    for (const std::uint32_t each : window.row_inputs) history.row_inputs.push_back(input(each));
    return historyInput(std::move(history), window.type);
  }

  ValueId asofInput(NodeId node, const Definition& definition) {
    const AsOfOp& op = *definition.asof;
    const Column& column = pipeline_[op.right].columns[op.right_columns[definition.join_column]];
    HistoryInput history{.definition = {}, .reads = fmt::format("latest `{}` of `{}`", column.name, pipeline_[op.right].name), .keys = {}, .time = {},
                         .row_inputs = {}, .place = {node, static_cast<std::uint32_t>(definition.op), static_cast<std::uint32_t>(definition.join_column)},
                         .rows = op.right, .span = op.span};
    history.reads += byText(op.right, op.right_keys);
    for (const Variable key : op.left_keys) history.keys.push_back(variableOf(node, key));
    history.time = variableOf(node, op.left_time);
    Type type = column.type;
    type.nullable = true;
    return historyInput(std::move(history), type);
  }

  [[nodiscard]] std::string byText(NodeId node, const std::vector<std::uint32_t>& keys) const {
    std::string text;
    for (const std::uint32_t key : keys) {
      if (key < pipeline_[node].columns.size()) text += fmt::format("{}`{}`", text.empty() ? " by " : ", ", pipeline_[node].columns[key].name);
    }
    return text;
  }

  /// The outputs that variables of a table are; `nowhere` for those that are none.
  [[nodiscard]] std::vector<std::uint32_t> outputsOf(NodeId node, const std::vector<Variable>& variables) const {
    std::vector<std::uint32_t> outputs;
    for (const Variable variable : variables) outputs.push_back(outputOf(std::get<Table>(pipeline_[node].body), variable));
    return outputs;
  }

  /// Places of one definition are one input.
  ValueId historyInput(HistoryInput history, const Type& type) {
    auto& definitions = history_definitions_[history.place.node];
    if (definitions.empty()) definitions = opt::historyDefinitions(pipeline_, history.place.node);
    history.definition = definitions.at(history.place).hex();
    const auto [known, is_new] = history_values_.try_emplace(history.definition);
    if (!is_new) return known->second;
    history.input = static_cast<std::uint32_t>(program_.inputs.size());
    program_.inputs.push_back({.name = "over:" + history.definition, .type = type, .roles = 0, .span = history.span, .doc = {}});
    program_.base_slots.push_back(no_slot);
    known->second = add({.op = Op::Input, .type = type, .span = history.span, .slot = history.input});
    program_.history.push_back(std::move(history));
    return known->second;
  }

  ValueId columnOf(NodeId node, std::uint32_t slot) {
    const auto [known, is_new] = columns_.try_emplace(SlotRef{node, slot});
    if (!is_new) return known->second;
    ValueId value;
    if (node == base_ && !std::holds_alternative<Table>(pipeline_[node].body)) {
      value = rawInput(slot);
    } else {
      const Variable variable = std::get<Table>(pipeline_[node].body).outputs[slot];
      value = node == base_ && !canExpand(node, variable) ? rawInput(slot) : variableInOrder(node, variable);
    }
    value_names_.emplace(value, pipeline_[node].columns[slot].name);
    if (!pipeline_[node].columns[slot].type.nullable) requireValue(value);
    columns_[SlotRef{node, slot}] = value;
    return value;
  }

  ValueId rawInput(std::uint32_t slot) {
    const Column& column = pipeline_[base_].columns[slot];
    program_.inputs.push_back(column);
    program_.base_slots.push_back(slot);
    return add({.op = Op::Input, .type = column.type, .span = column.span, .slot = static_cast<std::uint32_t>(program_.inputs.size() - 1)});
  }

  const std::map<Variable, Definition>& definitions(NodeId node) {
    const auto [known, is_new] = definitions_.try_emplace(node);
    if (is_new) known->second = definitionsOf(std::get<Table>(pipeline_[node].body));
    return known->second;
  }

  /// Whether a variable of the base table is S's (there right after the last step that does not keep rows).
  bool isOfBase(NodeId node, Variable variable) {
    const auto found = definitions(node).find(variable);
    return found == definitions(node).end() || found->second.op < endOfRows(std::get<Table>(pipeline_[node].body));
  }

  static std::uint32_t outputOf(const Table& table, Variable variable) {
    const auto found = std::find(table.outputs.begin(), table.outputs.end(), variable);
    return found == table.outputs.end() ? nowhere : static_cast<std::uint32_t>(found - table.outputs.begin());
  }

  /// A derivation after the last step of the base table can be replayed if all that it reads is still a column there;
  /// else the derived column itself is the raw input.
  bool canExpand(NodeId node, Variable variable) {
    const auto& table = std::get<Table>(pipeline_[node].body);
    if (replayable_.empty()) {
      for (const Variable output : table.outputs) {
        if (isOfBase(node, output)) replayable_.insert(output);
      }
      std::map<std::pair<std::size_t, Variable>, const Definition*> in_order;
      for (const auto& [each, definition] : definitions(node)) {
        if (!isOfBase(node, each)) in_order[{definition.op, each}] = &definition;
      }
      for (const auto& [place, definition] : in_order) {
        const std::set<Variable> reads = readsOf(table, *definition);
        const bool all = std::all_of(reads.begin(), reads.end(), [this](Variable read) { return replayable_.contains(read); });
        if (all) replayable_.insert(place.second);
      }
    }
    return replayable_.contains(variable);
  }

  /// Defines what a variable of a table needs, in the order of the ops: a long chain of derivations is no depth.
  ValueId variableInOrder(NodeId node, Variable variable) {
    const auto& table = std::get<Table>(pipeline_[node].body);
    std::set<std::pair<std::size_t, Variable>> needed;
    std::vector<Variable> open{variable};
    while (!open.empty()) {
      const Variable next = open.back();
      open.pop_back();
      const auto found = definitions(node).find(next);
      if (found == definitions(node).end() || (node == base_ && isOfBase(node, next))) continue;
      if (!needed.emplace(found->second.op, next).second) continue;
      for (const Variable read : readsOf(table, found->second)) open.push_back(read);
    }
    for (const auto& [op, each] : needed) (void)variableOf(node, each);
    return variableOf(node, variable);
  }

  ValueId variableOf(NodeId node, Variable variable) {
    const auto [known, is_new] = variables_.try_emplace({node, variable});
    if (!is_new) return known->second;
    const auto& table = std::get<Table>(pipeline_[node].body);
    ValueId value;
    if (node == base_ && isOfBase(node, variable)) {
      value = rawInput(outputOf(table, variable));
    } else if (variable < pipeline_[table.from].columns.size()) {
      value = columnOf(table.from, variable);
    } else {
      const Definition& definition = definitions(node).at(variable);
      const auto input = [&](std::uint32_t slot) { return variableOf(node, slot); };
      value = definition.join != nullptr     ? lookUp(node, definition)
              : definition.asof != nullptr   ? asofInput(node, definition)
              : definition.window != nullptr ? windowInput(definition.window->window, node, {node, static_cast<std::uint32_t>(definition.op)}, input)
                                             : copy(table.graph, {definition.derive->value}, input).front();
    }
    variables_[{node, variable}] = value;
    return value;
  }

  ValueId lookUp(NodeId node, const Definition& definition) {
    const JoinOp& join = *definition.join;
    const std::uint32_t index = lookupTable(join);
    std::vector<std::uint32_t>& slots = program_.lookups[index].value_slots;
    const std::uint32_t wanted = join.right_columns[definition.join_column];
    auto at = std::find(slots.begin(), slots.end(), wanted);
    if (at == slots.end()) at = slots.insert(slots.end(), wanted);
    Type type = pipeline_[join.right].columns[wanted].type;
    type.nullable = true;
    Value value{.op = Op::Lookup, .type = type, .span = join.span, .slot = static_cast<std::uint32_t>(at - slots.begin()), .lookup = index};
    for (const Variable key : join.left_keys) value.args.push_back(variableOf(node, key));
    return add(std::move(value));
  }

  std::uint32_t lookupTable(const JoinOp& join) {
    for (std::uint32_t i = 0; i < program_.lookups.size(); ++i) {
      if (program_.lookups[i].right == join.right && program_.lookups[i].key_slots == join.right_keys) return i;
    }
    program_.lookups.push_back({.right = join.right, .key_slots = join.right_keys, .value_slots = {}});
    return static_cast<std::uint32_t>(program_.lookups.size() - 1);
  }

  /// Checks of single rows that read nothing but what the features need anyway.
  void takeChecks() {
    const auto* source = std::get_if<Source>(&pipeline_[base_].body);
    if (source == nullptr) return;
    for (const FieldCheck& check : source->checks) {
      if (check.share < 1 || check.warning || !readsKnownInputs(source->graph, check.condition)) continue;
      FieldCheck taken = check;
      taken.condition = copy(source->graph, {check.condition}, [this](std::uint32_t slot) { return columnOf(base_, slot); }).front();
      program_.checks.push_back(std::move(taken));
    }
  }

  [[nodiscard]] bool readsKnownInputs(const Graph& graph, ValueId condition) const {
    const std::vector<bool> needed = neededValues(graph, {condition});
    for (std::size_t i = 0; i < needed.size(); ++i) {
      if (!needed[i] || graph.values[i].op != Op::Input) continue;
      const auto& slots = program_.base_slots;
      if (std::find(slots.begin(), slots.end(), graph.values[i].slot) == slots.end()) return false;
    }
    return true;
  }

  /// Inputs by their place in S, whatever feature asked first.
  void sortInputs() {
    std::vector<std::uint32_t> order(program_.inputs.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto placeOf = [&](std::uint32_t i) { return std::pair(program_.base_slots[i], program_.inputs[i].name); };
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return placeOf(a) < placeOf(b); });
    for (HistoryInput& history : program_.history) {
      history.input = static_cast<std::uint32_t>(std::find(order.begin(), order.end(), history.input) - order.begin());
    }
    std::vector<Column> inputs;
    std::vector<std::uint32_t> slots;
    std::vector<std::uint32_t> place(order.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      place[order[i]] = i;
      inputs.push_back(program_.inputs[order[i]]);
      slots.push_back(program_.base_slots[order[i]]);
    }
    for (Value& value : program_.graph.values) {
      if (value.op == Op::Input) value.slot = place[value.slot];
    }
    program_.inputs = std::move(inputs);
    program_.base_slots = std::move(slots);
  }

  const Pipeline& pipeline_;
  NodeId features_id_;
  const Features& features_;
  NodeId base_;
  ScoringProgram program_;
  std::map<SlotRef, ValueId> columns_;
  std::map<std::pair<NodeId, Variable>, ValueId> variables_;
  std::map<NodeId, std::map<Variable, Definition>> definitions_;
  std::map<std::uint32_t, ValueId> windows_;       ///< of the features, by slot of their graph
  std::map<NodeId, std::map<HistoryPlace, Digest>> history_definitions_;
  std::map<std::string, ValueId> history_values_;  ///< by definition
  std::map<ValueId, std::string> value_names_;
  std::set<ValueId> required_;
  std::set<Variable> replayable_;  ///< of the base table
};

}  // namespace

ScoringProgram deriveScoring(const Pipeline& pipeline, NodeId model) {
  const auto& body = std::get<Model>(pipeline[model].body);
  const NodeId features = body.features;
  return Deriver(pipeline, features, std::get<Features>(pipeline[features].body)).derive(pipeline[features], body.per);
}

}  // namespace cd4ml::ir
