#include "compiler/opt/table_needs.h"

#include <algorithm>

#include "compiler/opt/define_window.h"
#include "compiler/opt/value_digest.h"

namespace cd4ml::opt {

namespace {

bool anyNeeded(const std::vector<ir::Variable>& results, const VariableSet& needs) {
  return std::any_of(results.begin(), results.end(), [&](ir::Variable v) { return needs[v]; });
}

void add(const std::vector<ir::Variable>& variables, VariableSet& needs) {
  for (const ir::Variable variable : variables) needs[variable] = true;
}

/// Turns what is needed after an op into what is needed before it.
class Before {
 public:
  Before(const ir::Graph& graph, VariableSet& needs) : graph_(graph), needs_(needs) {}

  void operator()(const ir::FilterOp& op) { addInputs(op.condition, needs_); }
  void operator()(const ir::RequireOp& op) { addInputs(op.condition, needs_); }
  void operator()(const ir::DeriveOp& op) {
    if (needs_[op.result]) addInputs(op.value, needs_);
  }
  void operator()(const ir::GroupOp& op) {
    VariableSet inner(needs_.size(), false);
    for (const ir::ValueId key : op.keys) addInputs(key, inner);
    for (std::size_t a = 0; a < op.aggregates.size(); ++a) {
      if (needs_[op.aggregate_results[a]]) addInputs(op.aggregates[a], inner);
    }
    needs_ = std::move(inner);
  }
  void operator()(const ir::JoinOp& op) {
    if (matters(op, needs_)) add(op.left_keys, needs_);
  }
  void operator()(const ir::WindowOp& op) {
    if (needs_[op.result]) add(ownSlotsRead(op.window), needs_);
  }
  void operator()(const ir::AsOfOp& op) {
    if (!matters(op, needs_)) return;
    add(op.left_keys, needs_);
    needs_[op.left_time] = true;
  }
  void operator()(const ir::DedupeOp& op) {
    add(op.keys, needs_);
    needs_[op.by] = true;
  }
  void operator()(const ir::SampleOp& op) { add(op.ids, needs_); }
  void operator()(const ir::UnionOp& op) {
    VariableSet inner(needs_.size(), false);
    for (std::size_t i = 0; i < op.results.size(); ++i) {
      if (needs_[op.results[i]]) inner[op.left[i]] = true;
    }
    needs_ = std::move(inner);
  }

 private:
  void addInputs(ir::ValueId value, VariableSet& needs) const {
    for (const ir::ValueId needed : valuesNeeded(graph_, {value})) {
      if (graph_[needed].op == ir::Op::Input) needs[graph_[needed].slot] = true;
    }
  }

  const ir::Graph& graph_;
  VariableSet& needs_;
};

}  // namespace

TableNeeds::TableNeeds(const ir::Table& table, const std::vector<ir::Variable>& wanted, std::size_t steps)
    : needs_(steps + 1, VariableSet(table.variables, false)) {
  add(wanted, needs_.back());
  for (std::size_t i = steps; i-- > 0;) {
    needs_[i] = needs_[i + 1];
    std::visit(Before(table.graph, needs_[i]), table.ops[i]);
  }
}

bool matters(const ir::JoinOp& op, const VariableSet& after) {
  return op.kind != ir::JoinOp::Kind::LookUp || anyNeeded(op.results, after);
}

bool matters(const ir::AsOfOp& op, const VariableSet& after) { return anyNeeded(op.results, after); }

}  // namespace cd4ml::opt
