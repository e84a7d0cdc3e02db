// Comparison, logic, membership and tests for null.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using syntax::Expr;
using syntax::ExprKind;
using syntax::Operator;

namespace {

struct Comparison {
  std::string_view symbol;
  std::string_view kernel;
};

Comparison comparisonOf(Operator op) {
  switch (op) {
    case Operator::Equal: return {"==", "eq"};
    case Operator::NotEqual: return {"!=", "ne"};
    case Operator::Less: return {"<", "lt"};
    case Operator::LessEqual: return {"<=", "le"};
    case Operator::Greater: return {">", "gt"};
    case Operator::GreaterEqual: return {">=", "ge"};
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
    case Operator::Power: break;
  }
  CD4ML_UNREACHABLE("not a comparison");
}

}  // namespace

TypedValue ExpressionWalk::compare(Operator op, TypedValue a, TypedValue b, Span span) {
  const Comparison comparison = comparisonOf(op);
  const std::string what = fmt::format("`{}`", comparison.symbol);
  if (!unify(a, b, what, span)) return error(span);
  const bool equality = op == Operator::Equal || op == Operator::NotEqual;
  const bool ordered = a.type.kind != Kind::Bool && a.type.kind != Kind::Category && a.type.kind != Kind::Text;
  if (!equality && !ordered) {
    return notOfKind(a, "numbers, times or durations", what, "texts, categories and bools are equal or not: `==`, `!=`");
  }
  if (a.type.kind == Kind::Null) return constant({}, {.kind = Kind::Bool, .nullable = true}, span);
  return callOp(comparison.kernel, {a, b}, {.kind = Kind::Bool}, span);
}

TypedValue ExpressionWalk::compareWithNull(Operator op, const Expr& expr) {
  const bool right = tree_[expr.operands[1]].kind == ExprKind::Null;
  const Expr& other = tree_[expr.operands[right ? 0 : 1]];
  visit(expr.operands[right ? 0 : 1]);
  const Comparison comparison = comparisonOf(op);
  auto& d = diagnostics_.add(diag::Code::ComparisonWithNull, expr.span,
                             fmt::format("`{} null` is always null, never true", comparison.symbol));
  const std::string_view test = op == Operator::NotEqual ? "is not null" : "is null";
  d.help.push_back(fmt::format("test for null with `x {}`", test));
  if (right && (op == Operator::Equal || op == Operator::NotEqual)) {
    d.fixes.push_back({fmt::format("write `{}`", test),
                       {{{expr.span.file, other.span.end, expr.span.end}, fmt::format(" {}", test)}}});
  }
  return error(expr.span);
}

TypedValue ExpressionWalk::chained(const Expr& expr) {
  auto& d = diagnostics_.add(diag::Code::ChainedComparison, expr.span, "comparisons do not chain");
  const Expr& left = tree_[expr.operands[0]];
  d.help.push_back("write `a < b and b < c`");
  if (left.kind == ExprKind::Binary && left.operands.size() == 2) {
    const Expr& middle = tree_[left.operands[1]];
    const Expr& last = tree_[expr.operands[1]];
    d.labels.push_back({middle.span, "compare this twice"});
    d.labels.push_back({last.span, "with `and` before the second comparison"});
    const bool number = middle.kind == ExprKind::Int;
    if (number || middle.kind == ExprKind::Reference) {
      const std::string again = number ? std::to_string(middle.integer) : middle.name.text;
      d.fixes.push_back({"compare twice", {{{middle.span.file, middle.span.end, middle.span.end}, " and " + again}}});
    }
  }
  return error(expr.span);
}

TypedValue ExpressionWalk::boolOf(TypedValue value, std::string_view by) {
  if (value.type.isError() || value.type.kind == Kind::Bool) return value;
  if (value.type.kind == Kind::Null) return constant({}, {.kind = Kind::Bool, .nullable = true}, value.span);
  return notOfKind(value, "a bool", by, value.type.isNumber() ? "compare the number: `x != 0`" : std::string{});
}

TypedValue ExpressionWalk::logic(Operator op, const TypedValue& a, const TypedValue& b, Span span) {
  const bool conjunction = op == Operator::And;
  const std::string_view word = conjunction ? "`and`" : "`or`";
  const TypedValue left = boolOf(a, word);
  const TypedValue right = boolOf(b, word);
  if (left.type.isError() || right.type.isError()) return error(span);
  return call(conjunction ? "and_bb" : "or_bb", {left, right}, {.kind = Kind::Bool}, span);
}

TypedValue ExpressionWalk::visitIn(const Expr& expr) {
  TypedValue subject = visit(expr.operands[0]);
  const Expr* set = &tree_[expr.operands[1]];
  while (set->kind == ExprKind::Parenthesised) set = &tree_[set->operands[0]];
  TypedValue value;
  if (set->kind == ExprKind::Range) {
    value = inRange(subject, *set, expr.span);
  } else if (set->kind == ExprKind::Set || set->kind == ExprKind::List) {
    Operands members;
    for (const syntax::ExprId id : set->operands) members.push_back(visit(id));
    value = inSet(std::move(subject), std::move(members), set->span, expr.span);
  } else if (const Param* list = listParam(*set); list != nullptr) {
    if (list->type.isError()) return error(expr.span);
    value = inSet(std::move(subject), membersOf(*list, set->span), set->span, expr.span);
  } else {
    diagnostics_.add(diag::Code::BadSet, set->span, "`in` is followed by a set or a range")
        .help.push_back("`x in {1, 2}`, `x in 1 .. 5`");
    return error(expr.span);
  }
  if (expr.kind == ExprKind::In || value.type.isError()) return value;
  return call("not_b", {value}, {.kind = Kind::Bool}, expr.span);
}

TypedValue ExpressionWalk::inRange(const TypedValue& subject, const Expr& range, Span span) {
  TypedValue low = visit(range.operands[0]);
  TypedValue high = visit(range.operands[1]);
  const TypedValue from = compare(Operator::GreaterEqual, subject, std::move(low), span);
  const TypedValue to = compare(Operator::LessEqual, subject, std::move(high), span);
  if (from.type.isError() || to.type.isError()) return error(span);
  return logic(Operator::And, from, to, span);
}

namespace {

/// Sorted and without repeats, so that the order in which a set is written plays no part. All of one type.
void canonicalise(std::vector<ir::Literal>& literals) {
  const auto before = [](const ir::Literal& a, const ir::Literal& b) {
    if (const auto* x = std::get_if<std::int64_t>(&a.value)) return *x < std::get<std::int64_t>(b.value);
    if (const auto* x = std::get_if<double>(&a.value)) return *x < std::get<double>(b.value);
    return std::get<std::string>(a.value) < std::get<std::string>(b.value);
  };
  std::ranges::sort(literals, before);
  literals.erase(std::ranges::unique(literals).begin(), literals.end());
}

}  // namespace

/// The param that an expression names, if its value is a list.
const Param* ExpressionWalk::listParam(const Expr& expr) {
  const bool is_member = expr.kind == ExprKind::Member && tree_[expr.operands[0]].kind == ExprKind::Reference && tree_[expr.operands[0]].name.text == "param";
  if (!is_member && (expr.kind != ExprKind::Reference || isRowName(expr.name.text))) return nullptr;
  const auto param = environment_.params.find(tree_.qualified(expr.name));
  if (param == environment_.params.end() || !param->second.is_list) return nullptr;
  checker_.used_params_.insert(param->first);
  return &param->second;
}

ExpressionWalk::Operands ExpressionWalk::membersOf(const Param& list, Span span) {
  Operands members;
  const auto* values = std::get_if<ir::Literal::List>(&list.value.value);
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
    TypedValue member = constant((*values)[i], list.type, span);
    member.origin = list.span;
    member.origin_name = "the list";
    members.push_back(std::move(member));
  }
  return members;
}

TypedValue ExpressionWalk::inSet(TypedValue subject, Operands given, Span set_span, Span span) {
  if (given.empty()) {
    diagnostics_.add(diag::Code::BadSet, set_span, "nothing is in an empty set").help.push_back("name the values: `x in {1, 2}`");
    return error(span);
  }
  Operands members;
  bool good = !subject.type.isError();
  bool constants = true;
  for (TypedValue& member : given) {
    if (member.type.kind == Kind::Null) {
      diagnostics_.add(diag::Code::BadSet, member.span, "null is in no set").help.push_back("add `or x is null`");
      good = false;
      continue;
    }
    good = good && unify(subject, member, "`in`", span);
    if (!good) continue;
    const auto* value = isConstant(member) ? std::get_if<double>(&node(member).literal.value) : nullptr;
    if (value != nullptr && std::isnan(*value)) {
      diagnostics_.add(diag::Code::BadSet, member.span, "NaN is in no set").help.push_back("test with `is_nan(x)`");
      return error(span);
    }
    constants = constants && isConstant(member);
    members.push_back(std::move(member));
  }
  if (!good) return error(span);
  // A float among the members widens the subject, and so the members before it.
  for (TypedValue& member : members) {
    if (!unify(subject, member, "`in`", span)) return error(span);
  }
  if (constants && subject.type.kind != Kind::Bool) {
    std::vector<ir::Literal> literals;
    for (const TypedValue& member : members) literals.push_back(node(member).literal);
    canonicalise(literals);
    const std::string_view kernel = subject.type.kind == Kind::Float      ? "in_set_f"
                                    : subject.type.kind == Kind::Category ? "in_set_c"
                                    : subject.type.kind == Kind::Text     ? "in_set_t"
                                                                          : "in_set_i";
    return call(kernel, {subject}, {.kind = Kind::Bool}, span, {ir::Literal{std::move(literals)}});
  }
  TypedValue any;
  for (const TypedValue& member : members) {
    const TypedValue equal = compare(Operator::Equal, subject, member, span);
    any = any.value.valid() ? logic(Operator::Or, any, equal, span) : equal;
  }
  return any;
}

TypedValue ExpressionWalk::visitNullTest(const Expr& expr) {
  const TypedValue value = visit(expr.operands[0]);
  if (value.type.isError()) return error(expr.span);
  const bool wants_null = expr.kind == ExprKind::IsNull;
  const ir::Type type{.kind = Kind::Bool};
  if (value.type.kind == Kind::Vector) return notOfKind(value, "one value", "a test for null");
  TypedValue out;
  if (value.type.kind == Kind::Null) {
    out = constant({wants_null}, type, expr.span);
  } else if (!value.type.nullable) {
    out = constant({!wants_null}, type, expr.span);
  } else {
    out = callOp(wants_null ? "is_null" : "is_not_null", {value}, type, expr.span);
  }
  out.taint = value.taint;
  return out;
}

}  // namespace cd4ml::check
