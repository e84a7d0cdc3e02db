// Plain joins: look-up, inner, many.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/join_sides.h"

namespace cd4ml::check {
namespace {

ir::JoinOp::Kind kindOf(syntax::JoinVerb::Kind kind) {
  switch (kind) {
    case syntax::JoinVerb::Kind::LookUp:
    case syntax::JoinVerb::Kind::AsOf: return ir::JoinOp::Kind::LookUp;
    case syntax::JoinVerb::Kind::Inner: return ir::JoinOp::Kind::Inner;
    case syntax::JoinVerb::Kind::Many: return ir::JoinOp::Kind::Many;
  }
  return ir::JoinOp::Kind::LookUp;
}

/// How its rows may be known later than the row that looks them up; empty: they are not.
std::vector<TaintStep> knownLater(TableState& state, const JoinSides& sides, const syntax::JoinVerb& verb) {
  TaintStep step{{}, {}};
  if (const ScopeColumn* available = sides.rightOf(ir::Role::Available)) {
    step = {available->span, fmt::format("`{}` says when a row of `{}` became known", available->name, sides.scope.owner)};
  } else if (const ir::Period delay = delayOf(sides.scope); !delay.isZero()) {
    const auto together = [&](const syntax::JoinKey& key) {
      const ScopeColumn* left = state.find(key.left.text);
      const ScopeColumn* right = sides.scope.find(key.right.text);
      return left != nullptr && right != nullptr && isKnownTogether(state.visible, *left, *right);
    };
    if (std::ranges::any_of(verb.keys, together)) return {};
    const ScopeColumn* time = sides.rightOf(ir::Role::Time);
    step = {time->span, fmt::format("a row of `{}` is known {} after its `{}` only: that is where its period begins", sides.scope.owner, periodText(delay), time->name)};
  } else {
    return {};
  }
  return {step, {verb.span, "this join takes rows whether they are known yet or not"}};
}

}  // namespace

void checkJoin(TableState& state, const syntax::JoinVerb& verb) {
  if (verb.kind == syntax::JoinVerb::Kind::AsOf) return checkAsOf(state, verb);
  JoinSides sides(state, verb);
  sides.checkKeys();
  const ir::JoinOp::Kind kind = kindOf(verb.kind);
  const bool inner = kind == ir::JoinOp::Kind::Inner;
  const std::vector<TaintStep> known_later = knownLater(state, sides, verb);
  sides.addColumns(inner ? JoinSides::Nulls::AsDeclared : JoinSides::Nulls::Possible, [&](const ScopeColumn& column) {
    Taint taint = column.taint;
    mergeTaint(taint, sides.left_taint);
    setUnavailable(taint, known_later);
    return taint;
  });
  if (inner) {
    mergeTaint(state.visible.row_taint, taintOfRows(sides.left_taint));
    mergeTaint(state.visible.row_taint, sides.scope.row_taint);
    setUnavailable(state.visible.row_taint, known_later);
  }
  state.table.ops.emplace_back(ir::JoinOp{.kind = kind, .right = sides.right, .left_keys = sides.left_keys, .right_keys = sides.right_keys,
                                          .right_columns = sides.right_columns, .results = sides.results, .span = verb.span});
  if (kind != ir::JoinOp::Kind::LookUp) state.startRows();
}

}  // namespace cd4ml::check
