// `if`, `??` and conditions.
#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using syntax::Expr;
using syntax::ExprKind;

TypedValue ExpressionWalk::condition(syntax::ExprId id) { return boolOf(visit(id), "a condition"); }

namespace {

void reportNullCondition(diag::Diagnostics& diagnostics, const Expr& condition) {
  auto& d = diagnostics.add(diag::Code::NullCondition, condition.span, "the condition of `if` may be null");
  d.help.push_back("say what null means: `(…) ?? false`");
  const bool simple = condition.kind == ExprKind::Reference || condition.kind == ExprKind::Call ||
                      condition.kind == ExprKind::Member || condition.kind == ExprKind::Parenthesised;
  const Span at_end{condition.span.file, condition.span.end, condition.span.end};
  const Span at_begin{condition.span.file, condition.span.begin, condition.span.begin};
  diag::Fix fix{"take null as false", {{at_end, simple ? " ?? false" : ") ?? false"}}};
  if (!simple) fix.edits.insert(fix.edits.begin(), {at_begin, "("});
  d.fixes.push_back(std::move(fix));
}

}  // namespace

TypedValue ExpressionWalk::visitIf(const Expr& expr) {
  TypedValue test = boolOf(visit(expr.operands[0]), "the condition of `if`");
  if (!test.type.isError() && test.type.nullable) {
    reportNullCondition(diagnostics_, tree_[expr.operands[0]]);
    test = error(test.span);
  }
  const Facts facts = factsOf(expr.operands[0]);
  const auto outside = narrowed_;
  narrowed_.insert(facts.when_true.begin(), facts.when_true.end());
  TypedValue then = visit(expr.operands[1]);
  narrowed_ = outside;
  narrowed_.insert(facts.when_false.begin(), facts.when_false.end());
  TypedValue otherwise = visit(expr.operands[2]);
  narrowed_ = outside;
  if (test.type.isError()) return error(expr.span);
  return select(test, std::move(then), std::move(otherwise), expr.span);
}

TypedValue ExpressionWalk::select(const TypedValue& condition, TypedValue then, TypedValue otherwise, Span span) {
  if (condition.type.isError() || !unify(then, otherwise, "`if`", span)) return error(span);
  if (then.type.kind == Kind::Null) return constant({}, {.kind = Kind::Null, .nullable = true}, span);
  ir::Type type = then.type;
  if (type.kind == Kind::Category && (type.levels == nullptr || otherwise.type.levels == nullptr ||
                                      *type.levels != *otherwise.type.levels)) {
    type.levels = nullptr;
  }
  return callOp("select", {condition, then, otherwise}, std::move(type), span);
}

TypedValue ExpressionWalk::coalesce(TypedValue a, TypedValue b, Span span) {
  if (!unify(a, b, "`??`", span)) return error(span);
  if (a.type.kind == Kind::Null) return b;
  if (!a.type.nullable) return a;
  ir::Type type = a.type;
  if (type.kind == Kind::Category && (type.levels == nullptr || b.type.levels == nullptr || *type.levels != *b.type.levels)) {
    type.levels = nullptr;
  }
  TypedValue value = callOp("coalesce", {a, b}, std::move(type), span);
  return value;
}

TypedValue ExpressionWalk::orElse(const TypedValue& condition, const ir::Literal& if_null) {
  if (condition.type.isError() || !condition.type.nullable) return condition;
  const TypedValue literal = constant(if_null, {.kind = Kind::Bool}, condition.span);
  return call("coalesce_bb", {condition, literal}, {.kind = Kind::Bool}, condition.span);
}

}  // namespace cd4ml::check
