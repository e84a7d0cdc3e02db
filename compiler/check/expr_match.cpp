// `match x { "a" => 1, "b" | "c" => 2, else => 0 }`: a chain of selects. Patterns are constants and ranges of them; null
// matches only `null` and `else`.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprId;
using syntax::ExprKind;
using syntax::Operator;

/// What earlier arms match.
struct ExpressionWalk::MatchPatterns {
  struct One { ir::Literal value; Span span; };
  struct Range { ir::Literal low, high; Span span; };
  std::vector<One> values;
  std::vector<Range> ranges;
  std::optional<Span> null;
  std::optional<Span> otherwise;
  bool wrong = false;  ///< some pattern is, and has been reported

  /// The earlier pattern that matches the value too.
  [[nodiscard]] std::optional<Span> find(const ir::Literal& value) const {
    for (const One& one : values) {
      if (one.value == value) return one.span;
    }
    for (const Range& range : ranges) {
      if (atMost(range.low, value) && atMost(value, range.high)) return range.span;
    }
    return std::nullopt;
  }
  [[nodiscard]] static bool atMost(const ir::Literal& a, const ir::Literal& b) {
    if (const auto* x = std::get_if<std::int64_t>(&a.value)) {
      const auto* y = std::get_if<std::int64_t>(&b.value);
      return y != nullptr && *x <= *y;
    }
    const auto* x = std::get_if<double>(&a.value);
    const auto* y = std::get_if<double>(&b.value);
    return x != nullptr && y != nullptr && *x <= *y;
  }
};

TypedValue ExpressionWalk::visitMatch(const Expr& expr) {
  const TypedValue subject = visit(expr.operands[0]);
  ExprId inner = expr.operands[0];
  while (tree_[inner].kind == ExprKind::Parenthesised || tree_[inner].kind == ExprKind::Parameter) inner = tree_[inner].operands[0];
  const Expr& name = tree_[inner];
  const bool can_narrow = name.kind == ExprKind::Reference && isRowName(name.name.text);
  const auto outside = narrowed_;
  MatchPatterns seen;
  std::vector<TypedValue> tests;
  std::vector<TypedValue> values;
  for (const syntax::MatchArm& arm : expr.arms) {
    const Span place = arm.patterns.empty() ? tree_[arm.value].span : tree_[arm.patterns.front()].span;
    if (seen.otherwise) {
      diagnostics_.add(Code::MatchArm, place, "no value comes as far as this arm").labels.push_back({*seen.otherwise, "`else` takes all that is left"});
      seen.wrong = true;
    }
    if (arm.patterns.empty()) seen.otherwise = place;
    TypedValue test;
    for (const ExprId pattern : arm.patterns) {
      const TypedValue one = patternTest(subject, pattern, seen);
      if (one.type.isError()) continue;
      test = test.value.valid() ? logic(Operator::Or, test, one, place) : one;
    }
    tests.push_back(test);
    values.push_back(visit(arm.value));
    if (seen.null && can_narrow) narrowed_.insert(name.name.text);
  }
  narrowed_ = outside;
  if (subject.type.isError() || seen.wrong || !isExhaustive(expr, subject, seen)) return error(expr.span);
  TypedValue result = values.back();
  for (std::size_t i = values.size() - 1; i-- > 0;) result = select(tests[i], values[i], std::move(result), expr.span);
  result.span = expr.span;
  return result;
}

TypedValue ExpressionWalk::patternTest(const TypedValue& subject, ExprId id, MatchPatterns& seen) {
  const Expr& pattern = tree_[id];
  const auto wrong = [&](std::string message, std::string help) {
    diagnostics_.add(Code::MatchArm, pattern.span, std::move(message)).help.push_back(std::move(help));
    seen.wrong = true;
    return error(pattern.span);
  };
  const auto twice = [&](Span first) {
    diagnostics_.add(Code::MatchArm, pattern.span, "an arm before this one matches it already").labels.push_back({first, "here"});
    seen.wrong = true;
    return error(pattern.span);
  };
  if (pattern.kind == ExprKind::Null) {
    if (seen.null) return twice(*seen.null);
    seen.null = pattern.span;
    if (subject.type.isError()) return error(pattern.span);
    if (!subject.type.nullable) return wrong("the value is never null", "leave this arm out");
    return callOp("is_null", {subject}, {.kind = Kind::Bool}, pattern.span);
  }
  const bool is_range = pattern.kind == ExprKind::Range;
  Operands ends;
  for (const ExprId end : is_range ? pattern.operands : std::vector<ExprId>{id}) {
    TypedValue value = visit(end);
    TypedValue other = subject;
    seen.wrong = seen.wrong || value.type.isError();
    if (subject.type.isError() || value.type.isError()) return error(pattern.span);
    if (!unify(other, value, "`match`", pattern.span)) {
      seen.wrong = true;
      return error(pattern.span);
    }
    if (!isConstant(value)) return wrong("a pattern is a constant", "compare with `if` instead: `if x == y then … else …`");
    ends.push_back(std::move(value));
  }
  const ir::Literal low = node(ends.front()).literal;
  if (is_range) {
    const ir::Literal high = node(ends.back()).literal;
    if (!MatchPatterns::atMost(low, high)) return wrong("nothing lies in this range", "a range goes from the smaller to the greater number: `1..5`");
    seen.ranges.push_back({low, high, pattern.span});
    return orElse(inRange(subject, pattern, pattern.span), {false});
  }
  if (const auto first = seen.find(low)) return twice(*first);
  seen.values.push_back({low, pattern.span});
  return orElse(compare(Operator::Equal, subject, ends.front(), pattern.span), {false});
}

bool ExpressionWalk::isExhaustive(const Expr& expr, const TypedValue& subject, const MatchPatterns& seen) {
  if (seen.otherwise) return true;
  std::vector<std::string> missing;
  if (subject.type.nullable && !seen.null) missing.emplace_back("null");
  if (subject.type.kind == Kind::Category && subject.type.levels != nullptr) {
    for (const std::string& level : *subject.type.levels) {
      if (!seen.find({level})) missing.push_back(fmt::format("\"{}\"", level));
    }
  } else if (subject.type.kind == Kind::Bool) {
    for (const bool value : {true, false}) {
      if (!seen.find({value})) missing.emplace_back(value ? "true" : "false");
    }
  } else {
    missing.emplace_back("all other values");
  }
  if (missing.empty()) return true;
  constexpr std::size_t shown = 6;
  std::string list;
  for (std::size_t i = 0; i < std::min(shown, missing.size()); ++i) list += (i == 0 ? "" : ", ") + missing[i];
  if (missing.size() > shown) list += fmt::format(" and {} more", missing.size() - shown);
  auto& d = diagnostics_.add(Code::MatchNotExhaustive, expr.span, fmt::format("this `match` has no arm for {}", list));
  d.labels.push_back({subject.span, fmt::format("this is `{}`", ir::typeText(subject.type))});
  d.help.emplace_back("add an arm `else => …`");
  return false;
}

}  // namespace cd4ml::check
