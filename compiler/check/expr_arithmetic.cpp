// `+ - * / // % **` and unary minus over numbers with units, times and durations.
#include <cmath>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using syntax::Operator;

namespace {

std::string_view symbolOf(Operator op) {
  switch (op) {
    case Operator::Add: return "+";
    case Operator::Subtract: return "-";
    case Operator::Multiply: return "*";
    case Operator::Divide: return "/";
    case Operator::FloorDivide: return "//";
    case Operator::Modulo: return "%";
    case Operator::Power: return "**";
    case Operator::None:
    case Operator::Or:
    case Operator::And:
    case Operator::Not:
    case Operator::Equal:
    case Operator::NotEqual:
    case Operator::Less:
    case Operator::LessEqual:
    case Operator::Greater:
    case Operator::GreaterEqual:
    case Operator::Coalesce:
    case Operator::Negate: break;
  }
  return "-";
}

std::string quoted(Operator op) { return fmt::format("`{}`", symbolOf(op)); }

bool isTime(ir::Kind kind) { return kind == ir::Kind::Date || kind == ir::Kind::Timestamp; }

}  // namespace

TypedValue ExpressionWalk::arithmetic(Operator op, TypedValue a, TypedValue b, Span span) {
  if (a.type.isError() || b.type.isError()) return error(span);
  if (a.type.kind == Kind::Null || b.type.kind == Kind::Null) {
    TypedValue& null = a.type.kind == Kind::Null ? a : b;
    return notOfKind(null, "a number", quoted(op), "arithmetic with null is always null");
  }
  if (auto value = timeArithmetic(op, a, b, span)) return *value;
  if (auto value = durationArithmetic(op, a, b, span)) return *value;
  if (a.type.isNumber() && b.type.isNumber()) return numberArithmetic(op, std::move(a), std::move(b), span);
  const auto isWord = [](const TypedValue& v) { return v.type.kind == Kind::Text || v.type.kind == Kind::Category; };
  std::string help;
  if (op == Operator::Add && (isWord(a) || isWord(b))) help = "`concat(a, b)` joins texts";
  if (a.type.kind == Kind::Bool || b.type.kind == Kind::Bool) help = "`int(x)` makes 0 or 1 of a bool";
  mismatch(diag::Code::TypeMismatch,
           fmt::format("{} cannot take `{}` and `{}`", quoted(op), ir::typeText(a.type), ir::typeText(b.type)), a, b, span, help);
  return error(span);
}

std::optional<TypedValue> ExpressionWalk::timeArithmetic(Operator op, const TypedValue& a, const TypedValue& b, Span span) {
  const bool left = isTime(a.type.kind);
  const bool right = isTime(b.type.kind);
  if (left && right && op == Operator::Subtract) {
    return call("sub_ii", {toTimestamp(a), toTimestamp(b)}, {.kind = Kind::Duration}, span);
  }
  const TypedValue& step = left ? b : a;
  const bool is_step = step.type.kind == Kind::Duration || isTimeFloat(step);
  if (left == right || !is_step) return std::nullopt;
  if (op != Operator::Add && !(op == Operator::Subtract && left)) return std::nullopt;
  const TypedValue duration = step.type.kind == Kind::Duration ? step : floatToDuration(step);
  return call(op == Operator::Add ? "add_ii" : "sub_ii", {toTimestamp(left ? a : b), duration}, {.kind = Kind::Timestamp}, span);
}

std::optional<TypedValue> ExpressionWalk::durationArithmetic(Operator op, const TypedValue& a, const TypedValue& b, Span span) {
  const bool left = a.type.kind == Kind::Duration;
  const bool right = b.type.kind == Kind::Duration;
  if (!left && !right) return std::nullopt;
  if (left && right) {
    const ir::Type duration{.kind = Kind::Duration};
    if (op == Operator::Add) return call("add_ii", {a, b}, duration, span);
    if (op == Operator::Subtract) return call("sub_ii", {a, b}, duration, span);
    if (op == Operator::Modulo) return call("mod_ii", {a, b}, duration, span);
    if (op == Operator::FloorDivide) return call("floordiv_ii", {a, b}, {.kind = Kind::Int}, span);
    if (op != Operator::Divide) return std::nullopt;
    const ir::Type plain{.kind = Kind::Float};
    return call("div_ff", {call("i_to_f", {a}, plain, a.span), call("i_to_f", {b}, plain, b.span)}, plain, span);
  }
  const TypedValue& other = left ? b : a;
  if (!other.type.isNumber()) return std::nullopt;
  const bool scales = op == Operator::Multiply || (left && (op == Operator::Divide || op == Operator::FloorDivide));
  if (other.type.unit.empty() && scales) return scaleDuration(op, left ? a : b, other, span);
  if (isZero(other) && (op == Operator::Add || op == Operator::Subtract)) {
    const TypedValue zero = constant({std::int64_t{0}}, {.kind = Kind::Duration}, other.span);
    return durationArithmetic(op, left ? a : zero, left ? zero : b, span);
  }
  if (!isTimeFloat(other)) return std::nullopt;
  const TypedValue as_float = durationToFloat(left ? a : b, other.type.unit);
  return numberArithmetic(op, left ? as_float : a, left ? b : as_float, span);
}

TypedValue ExpressionWalk::scaleDuration(Operator op, const TypedValue& duration, const TypedValue& number, Span span) {
  const ir::Type plain{.kind = Kind::Float};
  const bool whole = number.type.kind == Kind::Int;
  if (whole && op == Operator::Multiply) return call("mul_ii", {duration, number}, {.kind = Kind::Duration}, span);
  if (whole && op == Operator::FloorDivide) return call("floordiv_ii", {duration, number}, {.kind = Kind::Duration}, span);
  if (op == Operator::FloorDivide) return notOfKind(number, "whole numbers", "`//`");
  const TypedValue x = call("i_to_f", {duration}, plain, duration.span);
  return roundToDuration(call(op == Operator::Multiply ? "mul_ff" : "div_ff", {x, toFloat(number)}, plain, span), span);
}

TypedValue ExpressionWalk::numberArithmetic(Operator op, TypedValue a, TypedValue b, Span span) {
  if (op == Operator::Power) return power(std::move(a), std::move(b), span);
  if (op == Operator::FloorDivide || op == Operator::Modulo) return wholeDivision(op, std::move(a), std::move(b), span);
  if (op == Operator::Add || op == Operator::Subtract) {
    if (!unifyNumbers(a, b, quoted(op), span)) return error(span);
    ir::Type type{.kind = a.type.kind, .unit = a.type.unit};
    return callOp(op == Operator::Add ? "add" : "sub", {a, b}, std::move(type), span);
  }
  const std::string unit = op == Operator::Multiply ? multiplyUnits(a.type.unit, b.type.unit) : divideUnits(a.type.unit, b.type.unit);
  const bool both_int = a.type.kind == Kind::Int && b.type.kind == Kind::Int;
  if (op == Operator::Multiply && both_int) return call("mul_ii", {a, b}, {.kind = Kind::Int, .unit = unit}, span);
  return call(op == Operator::Multiply ? "mul_ff" : "div_ff", {toFloat(std::move(a)), toFloat(std::move(b))},
              {.kind = Kind::Float, .unit = unit}, span);
}

TypedValue ExpressionWalk::wholeDivision(Operator op, TypedValue a, TypedValue b, Span span) {
  for (const TypedValue* side : {&a, &b}) {
    if (side->type.kind == Kind::Int) continue;
    return notOfKind(*side, "whole numbers", quoted(op),
                     op == Operator::FloorDivide ? "of floats: `floor(x / y)`" : "of floats: `x - floor(x / y) * y`");
  }
  if (op == Operator::FloorDivide) {
    return call("floordiv_ii", {a, b}, {.kind = Kind::Int, .unit = divideUnits(a.type.unit, b.type.unit)}, span);
  }
  if (!unifyNumbers(a, b, "`%`", span)) return error(span);
  return call("mod_ii", {a, b}, {.kind = Kind::Int, .unit = a.type.unit}, span);
}

TypedValue ExpressionWalk::power(TypedValue a, TypedValue b, Span span) {
  if (!b.type.unit.empty()) return notOfKind(b, "an exponent without a unit", "`**`");
  std::string unit;
  if (!a.type.unit.empty()) {
    const auto* literal = isConstant(b) ? &node(b).literal : nullptr;
    const auto* whole = literal == nullptr ? nullptr : std::get_if<std::int64_t>(&literal->value);
    if (whole == nullptr || std::abs(*whole) > 16) {
      mismatch(diag::Code::UnitMismatch, fmt::format("the unit of `{}` needs a whole exponent", ir::typeText(a.type)), a, b, span,
               "divide the unit away first: `x / 1mi`");
      return error(span);
    }
    unit = raiseUnit(a.type.unit, static_cast<int>(*whole));
  }
  return call("pow_ff", {toFloat(std::move(a)), toFloat(std::move(b))}, {.kind = Kind::Float, .unit = unit}, span);
}

TypedValue ExpressionWalk::negate(const TypedValue& value, Span span) {
  if (value.type.isError()) return error(span);
  if (!value.type.isNumber() && value.type.kind != Kind::Duration) return notOfKind(value, "a number", "unary `-`");
  ir::Type type = value.type;
  return callOp("neg", {value}, std::move(type), span);
}

}  // namespace cd4ml::check
