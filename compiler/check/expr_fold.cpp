#include "compiler/check/expr_fold.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cd4ml::check {
namespace {

using ir::Literal;

Folded folded(Literal value) { return {std::move(value), {}}; }
Folded failed(std::string what) { return {std::nullopt, std::move(what)}; }

bool isNull(const Literal& l) { return std::holds_alternative<std::monostate>(l.value); }

Folded foldIntegers(std::string_view op, std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  if (op == "add") return __builtin_add_overflow(a, b, &out) ? failed("integer overflow") : folded({out});
  if (op == "sub") return __builtin_sub_overflow(a, b, &out) ? failed("integer overflow") : folded({out});
  if (op == "mul") return __builtin_mul_overflow(a, b, &out) ? failed("integer overflow") : folded({out});
  if (op == "floordiv" || op == "mod") {
    if (b == 0) return failed("integer division by zero");
    if (b == -1) return op == "mod" ? folded({std::int64_t{0}}) : foldIntegers("sub", 0, a);
    const std::int64_t rest = a % b;
    const bool down = rest != 0 && (rest < 0) != (b < 0);
    return folded({op == "mod" ? rest + (down ? b : 0) : a / b - (down ? 1 : 0)});
  }
  if (op == "min") return folded({std::min(a, b)});
  if (op == "max") return folded({std::max(a, b)});
  if (op == "eq") return folded({a == b});
  if (op == "ne") return folded({a != b});
  if (op == "lt") return folded({a < b});
  if (op == "le") return folded({a <= b});
  if (op == "gt") return folded({a > b});
  if (op == "ge") return folded({a >= b});
  return {};
}

/// A power of whole numbers that is exact in a double.
Folded foldPower(double base, double exponent) {
  if (base != std::floor(base) || exponent != std::floor(exponent) || exponent < 0 || exponent > 1024) return {};
  double out = 1;
  for (double i = 0; i < exponent; ++i) {
    out *= base;
    if (std::fabs(out) > 9007199254740992.0) return {};
  }
  return folded({out});
}

Folded foldFloats(std::string_view op, double a, double b) {
  if (op == "add") return folded({a + b});
  if (op == "sub") return folded({a - b});
  if (op == "mul") return folded({a * b});
  if (op == "div") return folded({a / b});
  if (op == "pow") return foldPower(a, b);
  if (op == "eq") return folded({a == b});
  if (op == "ne") return folded({a != b});
  if (op == "lt") return folded({a < b});
  if (op == "le") return folded({a <= b});
  if (op == "gt") return folded({a > b});
  if (op == "ge") return folded({a >= b});
  if (std::isnan(a) || std::isnan(b)) return {};
  if (op == "min") return folded({std::min(a, b)});
  if (op == "max") return folded({std::max(a, b)});
  return {};
}

Folded foldFloat(std::string_view op, double a) {
  if (op == "neg_f") return folded({-a});
  if (op == "abs_f") return folded({std::fabs(a)});
  if (op == "sqrt_f") return folded({std::sqrt(a)});
  if (op == "floor_f") return folded({std::floor(a)});
  if (op == "ceil_f") return folded({std::ceil(a)});
  if (op == "trunc_f") return folded({std::trunc(a)});
  if (op == "round_f") return folded({std::nearbyint(a)});
  if (op == "f_to_i") {
    if (!(std::fabs(a) < 9223372036854775808.0)) return failed("not a 64-bit integer");
    return folded({static_cast<std::int64_t>(a)});
  }
  return {};
}

Folded foldInteger(std::string_view op, std::int64_t a) {
  if (op == "i_to_f") return folded({static_cast<double>(a)});
  if (op == "neg_i") return foldIntegers("sub", 0, a);
  if (op == "abs_i") return a < 0 ? foldIntegers("sub", 0, a) : folded({a});
  if (op == "date_to_timestamp_i") return foldIntegers("mul", a, 86'400'000'000);
  return {};
}

Folded foldBool(std::string_view op, bool a) {
  if (op == "not_b") return folded({!a});
  if (op == "b_to_i") return folded({std::int64_t{a ? 1 : 0}});
  if (op == "b_to_f") return folded({a ? 1.0 : 0.0});
  return {};
}

Folded foldLogic(std::string_view op, const Literal& a, const Literal& b) {
  const bool decides = op == "or_bb";
  const auto is = [](const Literal& l, bool value) { return l == Literal{value}; };
  if (is(a, decides) || is(b, decides)) return folded({decides});
  if (isNull(a) || isNull(b)) return folded({});
  return folded({!decides});
}

Folded foldTwo(std::string_view kernel, const Literal& a, const Literal& b) {
  const std::string_view op = kernel.substr(0, kernel.find('_'));
  if (const auto* x = std::get_if<std::int64_t>(&a.value)) return foldIntegers(op, *x, std::get<std::int64_t>(b.value));
  if (const auto* x = std::get_if<double>(&a.value)) return foldFloats(op, *x, std::get<double>(b.value));
  if (op == "eq") return folded({a == b});
  if (op == "ne") return folded({a != b});
  return {};
}

}  // namespace

Folded foldKernel(std::string_view kernel, std::span<const Literal> arguments) {
  if (kernel.starts_with("is_null_")) return folded({isNull(arguments[0])});
  if (kernel.starts_with("is_not_null_")) return folded({!isNull(arguments[0])});
  if (kernel.starts_with("coalesce_")) return folded(isNull(arguments[0]) ? arguments[1] : arguments[0]);
  if (kernel.starts_with("select_")) return folded(arguments[0] == Literal{true} ? arguments[1] : arguments[2]);
  if (kernel == "and_bb" || kernel == "or_bb") return foldLogic(kernel, arguments[0], arguments[1]);
  if (kernel == "standardize_fff" || kernel == "min_max_fff") return {};
  if (std::ranges::any_of(arguments, isNull)) return folded({});
  if (arguments.size() == 2) return foldTwo(kernel, arguments[0], arguments[1]);
  if (arguments.size() != 1) return {};
  const auto& value = arguments[0].value;
  if (const auto* x = std::get_if<std::int64_t>(&value)) return foldInteger(kernel, *x);
  if (const auto* x = std::get_if<double>(&value)) return foldFloat(kernel, *x);
  if (const auto* x = std::get_if<bool>(&value)) return foldBool(kernel, *x);
  return {};
}

}  // namespace cd4ml::check
