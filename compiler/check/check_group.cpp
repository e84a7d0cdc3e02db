#include <fmt/format.h>

#include "compiler/check/table_state.h"

namespace cd4ml::check {
namespace {

using diag::Code;

class GroupChecker {
 public:
  GroupChecker(TableState& state, const syntax::GroupVerb& verb) : state_(state), verb_(verb) { op_.span = verb.span; }

  void check() {
    for (const syntax::GroupKey& key : verb_.keys) addKey(key);
    for (const syntax::GroupKey& aggregate : verb_.aggregates) addAggregate(aggregate);
    state_.visible.columns = std::move(results_);
    state_.visible.open_schema = false;
    state_.grouped = true;
    state_.table.ops.emplace_back(std::move(op_));
    state_.startRows();
  }

 private:
  void addKey(const syntax::GroupKey& key) {
    if (key.value.valid()) {
      const TypedValue value = state_.context.expressions.check(key.value, state_.scope(Place::Row), state_.table.graph);
      add(key.name, value, 0, "", op_.keys, op_.key_results);
      return;
    }
    const ScopeColumn* column = state_.require(key.name);
    if (column == nullptr) {
      if (!isTaken(key.name)) results_.push_back(state_.unknownColumn(key.name));
      return;
    }
    TypedValue value{.value = {}, .type = column->type, .taint = column->taint, .span = key.name.span};
    if (!value.type.isError()) {
      value.value = state_.table.graph.add(
          {.op = ir::Op::Input, .type = value.type, .span = key.name.span, .slot = column->slot});
    }
    add(key.name, value, column->roles, state_.docs[column->slot], op_.keys, op_.key_results);
  }

  void addAggregate(const syntax::GroupKey& aggregate) {
    const TypedValue value = state_.context.expressions.check(aggregate.value, state_.scope(Place::GroupBy), state_.table.graph);
    add(aggregate.name, value, 0, "", op_.aggregates, op_.aggregate_results);
  }

  void add(const syntax::Name& name, const TypedValue& value, std::uint8_t roles, const std::string& doc, std::vector<ir::ValueId>& values,
           std::vector<ir::Variable>& variables) {
    if (isTaken(name)) return;
    const ir::Variable variable = state_.newVariable();
    values.push_back(value.value);
    variables.push_back(variable);
    const Taint taint = taintThrough(value.taint, name.text, name.span);
    state_.docs[variable] = doc;
    results_.push_back({.name = name.text, .slot = variable, .type = value.type, .roles = roles, .taint = taint, .span = name.span,
                        .known = value.value.valid() ? knownAfter(state_.table.graph, value.value, state_.visible) : std::nullopt});
  }

  bool isTaken(const syntax::Name& name) {
    for (const ScopeColumn& result : results_) {
      if (result.name != name.text) continue;
      state_.context.report(Code::DuplicateColumn, name.span, fmt::format("`group by` makes two columns `{}`", name.text))
          .labels.push_back({result.span, "the first one"});
      return true;
    }
    return false;
  }

  TableState& state_;
  const syntax::GroupVerb& verb_;
  ir::GroupOp op_;
  std::vector<ScopeColumn> results_;
};

}  // namespace

void checkGroup(TableState& state, const syntax::GroupVerb& verb) { GroupChecker(state, verb).check(); }

}  // namespace cd4ml::check
