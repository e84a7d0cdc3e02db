// Builtins that are written out over kernels, statistics and constants ("sugar" in stdlib/builtins.def).
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_call.h"

namespace cd4ml::check {

using diag::Code;
using syntax::ExprKind;
using syntax::Operator;

TypedValue ExpressionWalk::sugar(Call& call) {
  switch (call.row.group) {
    case BuiltinGroup::Number:
    case BuiltinGroup::Trigonometry:
    case BuiltinGroup::Null: return sugarNumber(call);
    case BuiltinGroup::Time:
    case BuiltinGroup::Cast: return sugarTime(call);
    case BuiltinGroup::Aggregate: return sugarFold(call);
    case BuiltinGroup::Scaler: return sugarScaler(call);
    case BuiltinGroup::Rounding:
    case BuiltinGroup::Test:
    case BuiltinGroup::Category:
    case BuiltinGroup::Place:
    case BuiltinGroup::Encoder: break;
  }
  CD4ML_UNREACHABLE("a sugar row of builtins.def without its lowering");
}

TypedValue ExpressionWalk::sugarNumber(Call& c) {
  constexpr double pi = 3.141592653589793;
  const Span span = c.span();
  const std::string_view name = c.row.name;
  const ir::Type plain{.kind = Kind::Float};
  if (name == "pi") return number(pi, span);
  const TypedValue& x = c.values[0];
  if (name == "radians") return call("mul_ff", {x, number(0.017453292519943295, span)}, plain, span);
  if (name == "degrees") return call("mul_ff", {x, number(57.29577951308232, span)}, plain, span);
  if (name == "clip") return callOp("min", {callOp("max", {x, c.values[1]}, c.result, span), c.values[2]}, c.result, span);
  if (name == "between") {
    const TypedValue low = compare(Operator::GreaterEqual, x, c.values[1], span);
    return logic(Operator::And, low, compare(Operator::LessEqual, x, c.values[2], span), span);
  }
  if (name == "cycle_sin" || name == "cycle_cos") {
    const TypedValue turns = call("div_ff", {x, c.values[1]}, plain, span);
    return call(name == "cycle_sin" ? "sin_f" : "cos_f", {call("mul_ff", {turns, number(2 * pi, span)}, plain, span)}, plain, span);
  }
  if (name == "coalesce") {
    TypedValue value = c.values.back();
    for (std::size_t i = c.values.size() - 1; i-- > 0;) value = coalesce(c.values[i], std::move(value), span);
    return value;
  }
  CD4ML_CHECK(name == "null_if");
  const TypedValue equal = orElse(compare(Operator::Equal, x, c.values[1], span), {false});
  return select(equal, constant({}, {.kind = Kind::Null, .nullable = true}, span), x, span);
}

TypedValue ExpressionWalk::sugarTime(Call& c) {
  const Span span = c.span();
  const std::string_view name = c.row.name;
  const TypedValue& x = c.values[0];
  const ir::Type whole{.kind = Kind::Int};
  const ir::Type truth{.kind = Kind::Bool};
  if (name == "is_weekend") return call("ge_ii", {call("weekday_i", {x}, whole, span), constant({std::int64_t{6}}, whole, span)}, truth, span);
  if (name == "is_month_start") return call("eq_ii", {call("day_i", {x}, whole, span), constant({std::int64_t{1}}, whole, span)}, truth, span);
  if (name == "is_month_end") return call("eq_ii", {call("day_i", {x}, whole, span), call("days_in_month_i", {x}, whole, span)}, truth, span);
  if (name == "duration") {
    if (isTimeFloat(x)) return floatToDuration(x);
    return notOfKind(x, "a number with a unit of time", "`duration`", "give it its unit: `x * 1min`");
  }
  CD4ML_CHECK(name == "category");
  const ir::Type category{.kind = Kind::Category};
  const TypedValue word = select(orElse(x, {false}), constant({std::string("true")}, category, span),
                                 constant({std::string("false")}, category, span), span);
  if (!x.type.nullable) return word;
  const TypedValue missing = call("is_null_b", {x}, truth, span);
  return select(missing, constant({}, {.kind = Kind::Null, .nullable = true}, span), word, span);
}

TypedValue ExpressionWalk::sugarFold(Call& c) {
  const Span span = c.span();
  const std::string_view name = c.row.name;
  const ir::Type whole{.kind = Kind::Int};
  const ir::Type plain{.kind = Kind::Float};
  const ir::Type truth{.kind = Kind::Bool};
  const TypedValue& x = c.values[0];
  if (name == "mean" && x.type.kind == Kind::Bool) return fold("mean", {call("b_to_f", {x}, plain, span)}, plain, c);
  if (name == "mean" || name == "median") {
    return roundToDuration(fold(name, {call("i_to_f", {x}, plain, span)}, plain, c), span);
  }
  if (name == "unique") {
    return call("eq_ii", {fold("n_unique", {x}, whole, c), fold("count", {x}, whole, c)}, truth, span);
  }
  CD4ML_CHECK(name == "any" || name == "all");
  const TypedValue hit = name == "any" ? orElse(x, {false}) : call("not_b", {orElse(x, {true})}, truth, span);
  const TypedValue nothing = constant({}, {.kind = Kind::Bool, .nullable = true}, span);
  const TypedValue hits = fold("count", {call("select_bbb", {hit, hit, nothing}, truth, span)}, whole, c);
  const TypedValue zero = constant({std::int64_t{0}}, whole, span);
  return call(name == "any" ? "gt_ii" : "eq_ii", {hits, zero}, truth, span);
}

TypedValue ExpressionWalk::sugarScaler(Call& c) {
  const Span span = c.span();
  const std::string_view name = c.row.name;
  const ir::Type plain{.kind = Kind::Float};
  const ir::Type whole{.kind = Kind::Int};
  const TypedValue& x = c.values[0];
  if (name == "bucketize") {
    auto& edges = std::get<ir::Literal::List>(c.options[0].value);
    std::ranges::sort(edges, {}, [](const ir::Literal& l) { return std::get<double>(l.value); });
    return call("bucket_f", {x}, whole, span, c.options);
  }
  if (scope_.place != Place::Features) {
    diagnostics_.add(Code::MisplacedEncoder, span, fmt::format("{} is learned from the training part", c.title()))
        .help.push_back("it stands in `features`");
    return error(span);
  }
  const auto statistic = [&](std::string_view what, std::vector<ir::Literal> options) {
    c.options = std::move(options);
    return fold(what, {x}, plain, c);
  };
  if (name == "standardize") return call("standardize_fff", {x, statistic("mean", {}), statistic("std", {})}, plain, span);
  if (name == "min_max") return call("min_max_fff", {x, statistic("min", {}), statistic("max", {})}, plain, span);
  if (name == "robust_scale") {
    const TypedValue third = statistic("quantile", {{0.75}});
    const TypedValue spread = call("sub_ff", {third, statistic("quantile", {{0.25}})}, plain, span);
    return call("standardize_fff", {x, statistic("median", {}), spread}, plain, span);
  }
  CD4ML_CHECK(name == "quantile_bin");
  const std::int64_t bins = std::get<std::int64_t>(c.options[0].value);
  TypedValue bin;
  for (std::int64_t k = 1; k < bins; ++k) {
    const TypedValue edge = statistic("quantile", {{static_cast<double>(k) / static_cast<double>(bins)}});
    const TypedValue beyond = call("b_to_i", {call("ge_ff", {x, edge}, {.kind = Kind::Bool}, span)}, whole, span);
    bin = k == 1 ? beyond : call("add_ii", {bin, beyond}, whole, span);
  }
  return bin;
}

std::optional<std::string> ExpressionWalk::unitOf(syntax::ExprId id) {
  const syntax::Expr& expr = tree_[id];
  if (expr.kind == ExprKind::Reference) {
    if (environment_.units.knows(expr.name.text)) return expr.name.text;
    if (tree_.hasErrors()) return std::nullopt;  // its use in a type may be in what did not parse
    auto& d = diagnostics_.add(Code::UnknownUnit, expr.span, fmt::format("there is no unit `{}`", expr.name.text));
    const auto near = diag::nearest(expr.name.text, environment_.units.names(), 1);
    if (!near.empty()) d.help.push_back(fmt::format("did you mean `{}`?", near.front()));
    return std::nullopt;
  }
  if (expr.kind == ExprKind::Parenthesised) return unitOf(expr.operands[0]);
  const bool product = expr.kind == ExprKind::Binary && (expr.op == Operator::Multiply || expr.op == Operator::Divide);
  if (!product) {
    diagnostics_.add(Code::UnknownUnit, expr.span, "a unit stands here: a name or a product of names")
        .help.push_back("`to(x, min)`, `to(x, km/h)`");
    return std::nullopt;
  }
  const auto left = unitOf(expr.operands[0]);
  const auto right = unitOf(expr.operands[1]);
  if (!left || !right) return std::nullopt;
  return expr.op == Operator::Multiply ? multiplyUnits(*left, *right) : divideUnits(*left, *right);
}

TypedValue ExpressionWalk::callTo(const syntax::Expr& expr) {
  std::vector<syntax::ExprId> arguments = expr.operands;
  for (const syntax::Argument& argument : expr.arguments) arguments.push_back(argument.value);
  if (arguments.size() != 2) {
    for (const syntax::ExprId id : arguments) {
      if (id == arguments.front()) visit(id);
    }
    diagnostics_.add(Code::WrongArguments, expr.span, fmt::format("`to` takes a number and a unit, not {} arguments", arguments.size()))
        .help.push_back("`to(x, km)`");
    return error(expr.span);
  }
  const TypedValue x = visit(arguments[0]);
  const auto unit = unitOf(arguments[1]);
  if (x.type.isError() || !unit) return error(expr.span);
  return convertUnit(x, *unit, expr.span);
}

TypedValue ExpressionWalk::callTrunc(Call& c) {
  const Span span = c.span();
  const TypedValue t = toTimestamp(visit(c.arguments[0].id));
  const syntax::Expr& step = tree_[c.arguments[1].id];
  if (t.type.isError()) return error(span);
  if (t.type.kind != Kind::Timestamp) return notOfKind(t, "a time", "`trunc` with a step");
  const ir::Type type{.kind = Kind::Timestamp};
  if (step.kind == ExprKind::Quantity && (step.text == "mo" || step.text == "y")) {
    const double months = step.number * (step.text == "y" ? 12 : 1);
    if (months >= 1 && months <= 12000 && months == static_cast<double>(static_cast<std::int64_t>(months))) {
      return call("trunc_months_i", {t}, type, span, {{static_cast<std::int64_t>(months)}});
    }
    diagnostics_.add(Code::OptionValue, step.span, "a step is a whole number of months");
    return error(span);
  }
  const TypedValue size = visit(c.arguments[1].id);
  if (size.type.isError()) return error(span);
  if (size.type.kind != Kind::Duration) return notOfKind(size, "a duration", "the step of `trunc`", "`trunc(t, 1h)`");
  if (!isConstant(size)) {
    diagnostics_.add(Code::NotConstant, size.span, "the step of `trunc` must be a constant");
    return error(span);
  }
  const std::int64_t microseconds = std::get<std::int64_t>(node(size).literal.value);
  if (microseconds <= 0) {
    diagnostics_.add(Code::OptionValue, size.span, "the step of `trunc` is longer than nothing");
    return error(span);
  }
  constexpr std::int64_t week = 604'800'000'000;
  constexpr std::int64_t first_monday = 4 * std::int64_t{86'400'000'000};  // 1970-01-05
  return call("trunc_time_i", {t}, type, span, {{microseconds}, {microseconds % week == 0 ? first_monday : std::int64_t{0}}});
}

}  // namespace cd4ml::check
