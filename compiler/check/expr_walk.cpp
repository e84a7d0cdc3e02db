#include "compiler/check/expr_walk.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cd4ml::check {

using syntax::Expr;
using syntax::ExprId;
using syntax::ExprKind;
using syntax::Operator;

ExpressionWalk::ExpressionWalk(ExpressionChecker& checker, const Scope& scope, ir::Graph& graph, FeatureNames* features)
    : checker_(checker),
      tree_(checker.tree_),
      environment_(checker.environment_),
      diagnostics_(checker.diagnostics_),
      scope_(scope),
      graph_(graph),
      features_(features) {}

TypedValue ExpressionWalk::visit(ExprId id) {
  if (!id.valid()) return error({});
  TypedValue value = visitKind(id);
  value.span = tree_[id].span;
  auto& types = checker_.expr_types_;
  if (types.size() <= id.index) types.resize(tree_.exprs.size());
  types[id.index] = value.type;
  return value;
}

TypedValue ExpressionWalk::visitKind(ExprId id) {
  const Expr& expr = tree_[id];
  switch (expr.kind) {
    case ExprKind::Error: return error(expr.span);
    case ExprKind::Int:
    case ExprKind::Float:
    case ExprKind::Bool:
    case ExprKind::Null:
    case ExprKind::Text:
    case ExprKind::Percent:
    case ExprKind::Date:
    case ExprKind::Timestamp: return visitLiteral(expr);
    case ExprKind::Quantity: return visitQuantity(expr);
    case ExprKind::Reference: return visitName(expr.name, expr.span);
    case ExprKind::Member: return visitMember(expr);
    case ExprKind::Call: return visitCall(expr);
    case ExprKind::Unary: return visitUnary(expr);
    case ExprKind::Binary: return visitBinary(id);
    case ExprKind::IsNull:
    case ExprKind::IsNotNull: return visitNullTest(expr);
    case ExprKind::In:
    case ExprKind::NotIn: return visitIn(expr);
    case ExprKind::If: return visitIf(expr);
    case ExprKind::Parenthesised: return visit(expr.operands[0]);
    case ExprKind::Match: return visitMatch(expr);
    case ExprKind::Inlined: return visitInlined(expr);
    case ExprKind::Parameter: return visitParameter(id);
    case ExprKind::Over: return visitOver(expr);
    case ExprKind::Range:
    case ExprKind::List:
    case ExprKind::Set:
    case ExprKind::Record: break;
  }
  const bool range = expr.kind == ExprKind::Range;
  auto& d = diagnostics_.add(diag::Code::BadSet, expr.span,
                             range ? "a range is not a value" : "a list, set or record is not a value");
  d.help.push_back(range ? "a range stands after `in`: `x in 1 .. 5`" : "a set stands after `in`: `x in {1, 2}`");
  return error(expr.span);
}

TypedValue ExpressionWalk::unsupported(Span span, std::string_view what) {
  diagnostics_.add(diag::Code::ExpressionNotSupported, span, fmt::format("{} is not supported yet", what));
  return error(span);
}

TypedValue ExpressionWalk::visitLiteral(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::Int: return constant({expr.integer}, {.kind = Kind::Int}, expr.span);
    case ExprKind::Float:
    case ExprKind::Percent: return number(expr.number, expr.span);
    case ExprKind::Bool: return constant({expr.integer != 0}, {.kind = Kind::Bool}, expr.span);
    case ExprKind::Text: warnAboutHoles(expr); return constant({expr.text}, {.kind = Kind::Text}, expr.span);
    case ExprKind::Date: return constant({expr.integer}, {.kind = Kind::Date}, expr.span);
    case ExprKind::Timestamp: return constant({expr.integer}, {.kind = Kind::Timestamp}, expr.span);
    case ExprKind::Null:
    case ExprKind::Error:
    case ExprKind::Quantity:
    case ExprKind::Reference:
    case ExprKind::Member:
    case ExprKind::Call:
    case ExprKind::Unary:
    case ExprKind::Binary:
    case ExprKind::IsNull:
    case ExprKind::IsNotNull:
    case ExprKind::In:
    case ExprKind::NotIn:
    case ExprKind::Range:
    case ExprKind::If:
    case ExprKind::Match:
    case ExprKind::Over:
    case ExprKind::List:
    case ExprKind::Set:
    case ExprKind::Record:
    case ExprKind::Inlined:
    case ExprKind::Parameter:
    case ExprKind::Parenthesised: break;
  }
  return constant({}, {.kind = Kind::Null, .nullable = true}, expr.span);
}

TypedValue ExpressionWalk::visitQuantity(const Expr& expr) {
  if (expr.text == "mo" || expr.text == "y") {
    auto& d = diagnostics_.add(diag::Code::CalendarDuration, expr.span,
                               fmt::format("`{}{}` is no fixed length of time", expr.number, expr.text));
    d.help.push_back("months and years stand in `trunc(t, 1mo)`; elsewhere write days: `30d`");
    return error(expr.span);
  }
  if (const auto scale = microsecondsOf(expr.text)) {
    const double microseconds = std::nearbyint(expr.number * static_cast<double>(*scale));
    if (!(std::fabs(microseconds) < 9.2e18)) {
      diagnostics_.add(diag::Code::ConstantFails, expr.span, "a duration has at most 292,000 years");
      return error(expr.span);
    }
    return constant({static_cast<std::int64_t>(microseconds)}, {.kind = Kind::Duration}, expr.span);
  }
  const auto unit = canonicalUnit(expr.text);
  if (!unit || !environment_.units.knows(expr.text)) {
    if (tree_.hasErrors()) return error(expr.span);  // its use in a type may be in what did not parse
    auto& d = diagnostics_.add(diag::Code::UnknownUnit, expr.span, fmt::format("there is no unit `{}`", expr.text));
    const auto near = diag::nearest(expr.text, environment_.units.names(), 1);
    if (!near.empty()) d.help.push_back(fmt::format("did you mean `{}`?", near.front()));
    d.help.push_back(fmt::format("a unit is declared by its use in a type: `float<{}>`", expr.text));
    return error(expr.span);
  }
  return number(expr.number, expr.span, *unit);
}

TypedValue ExpressionWalk::visitUnary(const Expr& expr) {
  const TypedValue value = visitAs(expr.operands[0], wantedBy(expr.op, {}));
  if (expr.op == Operator::Negate) return negate(value, expr.span);
  const TypedValue condition = boolOf(value, "`not`");
  if (condition.type.isError()) return error(expr.span);
  return call("not_b", {condition}, {.kind = Kind::Bool}, expr.span);
}

namespace {

bool isComparison(Operator op) {
  switch (op) {
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual: return true;
    case Operator::None:
    case Operator::Or:
    case Operator::And:
    case Operator::Not:
    case Operator::Coalesce:
    case Operator::Add:
    case Operator::Subtract:
    case Operator::Multiply:
    case Operator::Divide:
    case Operator::FloorDivide:
    case Operator::Modulo:
    case Operator::Negate:
    case Operator::Power: return false;
  }
  return false;
}

Facts both(Operator op, const Facts& left, const Facts& b) {
  Facts a = left;
  if (op == Operator::And) {
    a.when_true.insert(b.when_true.begin(), b.when_true.end());
    a.when_false.clear();
  } else {
    a.when_false.insert(b.when_false.begin(), b.when_false.end());
    a.when_true.clear();
  }
  return a;
}

}  // namespace

// A long chain of operators of one level leans to the left; it is walked along, not down, so that its length is no
// depth of recursion.
TypedValue ExpressionWalk::visitBinary(ExprId id) {
  std::vector<ExprId> spine;
  ExprId left = id;
  while (tree_[left].kind == ExprKind::Binary && !isComparison(tree_[left].op)) {
    spine.push_back(left);
    left = tree_[left].operands[0];
  }
  if (spine.empty()) {
    const Expr& expr = tree_[id];
    for (const ExprId operand : expr.operands) {
      if (tree_[operand].kind == ExprKind::Binary && isComparison(tree_[operand].op)) return chained(expr);
    }
    if (tree_[expr.operands[0]].kind == ExprKind::Null || tree_[expr.operands[1]].kind == ExprKind::Null) {
      return compareWithNull(expr.op, expr);
    }
    TypedValue a = visitAs(expr.operands[0], wantedBy(expr.op, expr.operands[1]));
    TypedValue b = visitAs(expr.operands[1], wantedBy(expr.op, expr.operands[0]));
    return compare(expr.op, std::move(a), std::move(b), expr.span);
  }
  TypedValue value = visitAs(left, wantedBy(tree_[spine.back()].op, tree_[spine.back()].operands[1]));
  const bool logical = tree_[spine.back()].op == Operator::And || tree_[spine.back()].op == Operator::Or;
  Facts facts = logical ? factsOf(left) : Facts{};
  for (auto it = spine.rbegin(); it != spine.rend(); ++it) {
    const Expr& expr = tree_[*it];
    const auto outside = narrowed_;
    const bool is_logic = expr.op == Operator::And || expr.op == Operator::Or;
    if (expr.op == Operator::And) narrowed_.insert(facts.when_true.begin(), facts.when_true.end());
    if (expr.op == Operator::Or) narrowed_.insert(facts.when_false.begin(), facts.when_false.end());
    TypedValue right = visitAs(expr.operands[1], wantedBy(expr.op, expr.operands[0]));
    narrowed_ = outside;
    if (is_logic) {
      const Facts joined = both(expr.op, facts, factsOf(expr.operands[1]));
      facts = joined;
      value = logic(expr.op, value, right, expr.span);
    } else if (expr.op == Operator::Coalesce) {
      value = coalesce(std::move(value), std::move(right), expr.span);
    } else {
      value = arithmetic(expr.op, std::move(value), std::move(right), expr.span);
    }
    value.span = expr.span;
  }
  return value;
}

Facts ExpressionWalk::factsOf(ExprId id) const {
  const Expr& expr = tree_[id];
  if (expr.kind == ExprKind::Parenthesised) return factsOf(expr.operands[0]);
  if (expr.kind == ExprKind::IsNull || expr.kind == ExprKind::IsNotNull) {
    ExprId inner = expr.operands[0];
    while (tree_[inner].kind == ExprKind::Parameter || tree_[inner].kind == ExprKind::Parenthesised) inner = tree_[inner].operands[0];
    const Expr& subject = tree_[inner];
    if (subject.kind != ExprKind::Reference || !isRowName(subject.name.text)) return {};
    if (expr.kind == ExprKind::IsNull) return {{}, {subject.name.text}};
    return {{subject.name.text}, {}};
  }
  if (expr.kind == ExprKind::Unary && expr.op == Operator::Not) {
    const Facts inner = factsOf(expr.operands[0]);
    return {inner.when_false, inner.when_true};
  }
  if (expr.kind != ExprKind::Binary || (expr.op != Operator::And && expr.op != Operator::Or)) return {};
  return both(expr.op, factsOf(expr.operands[0]), factsOf(expr.operands[1]));
}

}  // namespace cd4ml::check
