// Conversions that the language makes by itself, and bringing two values to one type.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

using diag::Code;

bool ExpressionWalk::isTextLiteral(const TypedValue& value) const {
  return value.type.kind == Kind::Text && isConstant(value);
}

bool ExpressionWalk::isZero(const TypedValue& value) const {
  if (!value.type.isNumber() || !value.type.unit.empty() || !isConstant(value)) return false;
  const ir::Literal& literal = node(value).literal;
  return literal == ir::Literal{std::int64_t{0}} || literal == ir::Literal{0.0};
}

bool ExpressionWalk::isTimeFloat(const TypedValue& value) {
  return value.type.isNumber() && microsecondsOf(value.type.unit).has_value();
}

TypedValue ExpressionWalk::toFloat(TypedValue value) {
  if (value.type.kind != Kind::Int) return value;
  TypedValue out = call("i_to_f", {value}, {.kind = Kind::Float, .unit = value.type.unit}, value.span);
  out.origin = value.origin;
  out.origin_name = value.origin_name;
  return out;
}

TypedValue ExpressionWalk::toTimestamp(TypedValue value) {
  if (value.type.kind != Kind::Date) return value;
  return call("date_to_timestamp_i", {value}, {.kind = Kind::Timestamp}, value.span);
}

TypedValue ExpressionWalk::durationToFloat(const TypedValue& value, std::string_view unit) {
  const ir::Type type{.kind = Kind::Float, .unit = std::string(unit)};
  const TypedValue microseconds = call("i_to_f", {value}, type, value.span);
  const std::int64_t scale = microsecondsOf(unit).value();
  if (scale == 1) return microseconds;
  return call("div_ff", {microseconds, number(static_cast<double>(scale), value.span)}, type, value.span);
}

TypedValue ExpressionWalk::roundToDuration(const TypedValue& microseconds, Span span) {
  const TypedValue whole = call("round_f", {microseconds}, {.kind = Kind::Float}, span);
  return call("f_to_i", {whole}, {.kind = Kind::Duration}, span);
}

TypedValue ExpressionWalk::floatToDuration(const TypedValue& value) {
  const std::int64_t scale = microsecondsOf(value.type.unit).value();
  TypedValue x = toFloat(value);
  if (scale != 1) x = call("mul_ff", {x, number(static_cast<double>(scale), value.span)}, {.kind = Kind::Float}, value.span);
  return roundToDuration(x, value.span);
}

TypedValue ExpressionWalk::convertUnit(const TypedValue& value, std::string_view unit, Span span) {
  if (value.type.isError()) return error(span);
  const ir::Type type{.kind = Kind::Float, .unit = std::string(unit)};
  if (value.type.kind == Kind::Duration && microsecondsOf(unit)) return durationToFloat(value, unit);
  const auto ratio = value.type.isNumber() ? ratioBetween(value.type.unit, unit) : std::nullopt;
  const auto defined = !ratio && value.type.isNumber() ? environment_.units.convert(value.type.unit, unit) : std::nullopt;
  if (defined) {
    TypedValue x = toFloat(value);
    x.type = type;
    if (defined->first != 1) x = call("mul_ff", {x, number(defined->first, span)}, type, span);
    if (defined->second != 1) x = call("div_ff", {x, number(defined->second, span)}, type, span);
    x.type.unit = unit;
    return x;
  }
  if (!ratio) {
    auto& d = diagnostics_.add(Code::NoUnitConversion, span,
                               fmt::format("there is no known ratio between `{}` and `{}`", ir::typeText(value.type), unit));
    labelOperand(d, value);
    d.help.push_back("known are the units of time (us ms s min h d w) and of bytes (B kB MB GB), and what `unit` declares: `unit mi = 1.609344km`");
    return error(span);
  }
  TypedValue x = toFloat(value);
  x.type = type;
  if (ratio->numerator != 1) x = call("mul_ff", {x, number(static_cast<double>(ratio->numerator), span)}, type, span);
  if (ratio->denominator != 1) x = call("div_ff", {x, number(static_cast<double>(ratio->denominator), span)}, type, span);
  x.type.unit = unit;
  return x;
}

TypedValue ExpressionWalk::toCategory(const TypedValue& text_literal, const ir::Type& category) {
  const auto& text = std::get<std::string>(node(text_literal).literal.value);
  if (category.levels != nullptr && std::ranges::find(*category.levels, text) == category.levels->end()) {
    auto& d = diagnostics_.add(Code::UnknownLevel, text_literal.span, fmt::format("\"{}\" is none of the levels", text));
    std::string levels;
    for (const std::string& level : *category.levels) levels += fmt::format("{}\"{}\"", levels.empty() ? "" : ", ", level);
    const auto near = diag::nearest(text, *category.levels, 1);
    if (!near.empty()) {
      d.help.push_back(fmt::format("did you mean \"{}\"?", near.front()));
      d.fixes.push_back({fmt::format("write \"{}\"", near.front()), {{text_literal.span, fmt::format("\"{}\"", near.front())}}, false});
    }
    d.help.push_back("the levels are " + levels);
    return error(text_literal.span);
  }
  ir::Type type = category;
  type.nullable = false;
  return constant({text}, type, text_literal.span);
}

void ExpressionWalk::labelOperand(diag::Diagnostic& d, const TypedValue& value) const {
  d.labels.push_back({value.span, fmt::format("this is `{}`", ir::typeText(value.type))});
  if (value.origin.empty() || value.origin == value.span) return;
  d.labels.push_back({value.origin, fmt::format("{} comes from here", value.origin_name)});
}

bool ExpressionWalk::mismatch(Code code, std::string message, const TypedValue& a, const TypedValue& b, Span span,
                              std::string help) {
  auto& d = diagnostics_.add(code, span, std::move(message));
  labelOperand(d, a);
  labelOperand(d, b);
  if (!help.empty()) d.help.push_back(std::move(help));
  return false;
}

TypedValue ExpressionWalk::notOfKind(const TypedValue& value, std::string_view wanted, std::string_view by, std::string help) {
  auto& d = diagnostics_.add(Code::TypeMismatch, value.span,
                             fmt::format("{} takes {}, not `{}`", by, wanted, ir::typeText(value.type)));
  labelOperand(d, value);
  if (!help.empty()) d.help.push_back(std::move(help));
  return error(value.span);
}

bool ExpressionWalk::unifyNumbers(TypedValue& a, TypedValue& b, std::string_view what, Span span) {
  if (a.type.unit != b.type.unit) {
    if (isZero(a)) {
      a.type.unit = b.type.unit;
    } else if (isZero(b)) {
      b.type.unit = a.type.unit;
    } else {
      std::string help = fmt::format("a number with the unit `{}` meets one without", a.type.unit.empty() ? b.type.unit : a.type.unit);
      if (!a.type.unit.empty() && !b.type.unit.empty()) help = fmt::format("convert one side: `to(x, {})`", a.type.unit);
      else if (isConstant(a) || isConstant(b)) help = fmt::format("give the number its unit, as in `300{}`", a.type.unit.empty() ? b.type.unit : a.type.unit);
      return mismatch(Code::UnitMismatch,
                      fmt::format("{} needs equal units, here are `{}` and `{}`", what, ir::typeText(a.type), ir::typeText(b.type)),
                      a, b, span, help);
    }
  }
  if (a.type.kind != b.type.kind) {
    a = toFloat(std::move(a));
    b = toFloat(std::move(b));
  }
  return true;
}

namespace {

ir::Type withKindOf(const ir::Type& other) {
  ir::Type type = other;
  type.nullable = true;
  return type;
}

bool isTime(ir::Kind kind) { return kind == ir::Kind::Date || kind == ir::Kind::Timestamp; }

std::string helpFor(const ir::Type& a, const ir::Type& b) {
  using ir::Kind;
  const auto meet = [&](Kind x, Kind y) { return (a.kind == x && b.kind == y) || (a.kind == y && b.kind == x); };
  if (meet(Kind::Text, Kind::Category)) return "`category(x)` makes a category of a text";
  if (meet(Kind::Text, Kind::Date)) return "a date is written `@2024-06-01`";
  if (meet(Kind::Text, Kind::Timestamp)) return "a time is written `@2024-06-01T10:00:00Z`";
  if (meet(Kind::Bool, Kind::Int)) return "`int(x)` makes 0 or 1 of a bool";
  if (meet(Kind::Bool, Kind::Float)) return "`float(x)` makes 0.0 or 1.0 of a bool";
  if (meet(Kind::Duration, Kind::Int) || meet(Kind::Duration, Kind::Float)) return "write the number with its unit, as in `15min`";
  if (meet(Kind::Text, Kind::Int) || meet(Kind::Text, Kind::Float)) return "a number is written without quotes";
  return {};
}

}  // namespace

bool ExpressionWalk::unify(TypedValue& a, TypedValue& b, std::string_view what, Span span) {
  if (a.type.isError() || b.type.isError()) return false;
  if (a.type.kind == Kind::Null && b.type.kind == Kind::Null) return true;
  if (a.type.kind == Kind::Null) return a = constant({}, withKindOf(b.type), a.span), true;
  if (b.type.kind == Kind::Null) return b = constant({}, withKindOf(a.type), b.span), true;
  if (a.type.isNumber() && b.type.isNumber()) return unifyNumbers(a, b, what, span);
  if (a.type.kind == Kind::Duration && isTimeFloat(b)) return a = durationToFloat(a, b.type.unit), b = toFloat(b), true;
  if (b.type.kind == Kind::Duration && isTimeFloat(a)) return b = durationToFloat(b, a.type.unit), a = toFloat(a), true;
  if (a.type.kind == Kind::Duration && isZero(b)) return b = constant({std::int64_t{0}}, {.kind = Kind::Duration}, b.span), true;
  if (b.type.kind == Kind::Duration && isZero(a)) return a = constant({std::int64_t{0}}, {.kind = Kind::Duration}, a.span), true;
  if (isTime(a.type.kind) && isTime(b.type.kind)) {
    if (a.type.kind != b.type.kind) a = toTimestamp(std::move(a)), b = toTimestamp(std::move(b));
    return true;
  }
  if (a.type.kind == Kind::Category && isTextLiteral(b)) return b = toCategory(b, a.type), !b.type.isError();
  if (b.type.kind == Kind::Category && isTextLiteral(a)) return a = toCategory(a, b.type), !a.type.isError();
  if (a.type.kind == b.type.kind && a.type.kind != Kind::Vector) return true;
  return mismatch(Code::TypeMismatch,
                  fmt::format("{} cannot take `{}` and `{}` together", what, ir::typeText(a.type), ir::typeText(b.type)), a,
                  b, span, helpFor(a.type, b.type));
}

TypedValue ExpressionWalk::coerce(TypedValue value, const ir::Type& expected) {
  if (value.type.isError() || expected.isError()) return value;
  if (value.type.kind == Kind::Null) {
    ir::Type type = expected;
    type.nullable = true;
    value = constant({}, type, value.span);
  }
  if (expected.kind == Kind::Float && value.type.kind == Kind::Duration && microsecondsOf(expected.unit)) value = durationToFloat(value, expected.unit);
  if (expected.isNumber() && isZero(value)) value.type.unit = expected.unit;
  if (expected.kind == Kind::Float && value.type.kind == Kind::Int && value.type.unit == expected.unit) value = toFloat(std::move(value));
  if (expected.kind == Kind::Timestamp) value = toTimestamp(std::move(value));
  if (expected.kind == Kind::Category && isTextChoice(value.value)) value = textToCategory(value, expected);
  if (value.type.isError()) return value;
  const bool nullable = value.type.nullable;
  ir::Type there = value.type;
  there.nullable = false;
  if (!fits(there, expected)) {
    const bool units = value.type.isNumber() && expected.isNumber() && value.type.unit != expected.unit;
    auto& d = diagnostics_.add(units ? Code::UnitMismatch : Code::TypeMismatch, value.span,
                               fmt::format("`{}` is wanted here, this is `{}`", ir::typeText(expected), ir::typeText(value.type)));
    labelOperand(d, value);
    if (std::string help = helpFor(value.type, expected); !help.empty()) d.help.push_back(std::move(help));
    return error(value.span);
  }
  if (nullable && !expected.nullable) {
    auto& d = diagnostics_.add(Code::NullNotAllowed, value.span,
                               fmt::format("this may be null, `{}` never is", ir::typeText(expected)));
    labelOperand(d, value);
    d.help.push_back("replace null (`x ?? 0`) or leave such rows out (`filter x is not null`)");
    return error(value.span);
  }
  return value;
}

}  // namespace cd4ml::check
