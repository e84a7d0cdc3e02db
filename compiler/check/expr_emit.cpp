#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_fold.h"
#include "compiler/check/expr_walk.h"
#include "compiler/ir/kernel_table.h"

namespace cd4ml::check {
namespace {

char letterOf(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration: return 'i';
    case ir::Kind::Float: return 'f';
    case ir::Kind::Bool: return 'b';
    case ir::Kind::Category: return 'c';
    case ir::Kind::Text: return 't';
    case ir::Kind::Error:
    case ir::Kind::Null:
    case ir::Kind::Vector: break;
  }
  CD4ML_UNREACHABLE("a kernel's argument has a physical form");
}

/// Whether a call may give null, from whether its arguments may be null.
bool nullableBy(const ir::KernelRow& row, const std::vector<bool>& nullable) {
  if (row.nulls != ir::NullRule::N) return std::ranges::find(nullable, true) != nullable.end();
  if (row.name.starts_with("is_")) return false;
  if (row.name.starts_with("select_")) return nullable[1] || nullable[2];
  if (row.name.starts_with("coalesce_")) return nullable[0] && nullable[1];
  return nullable[0];
}

}  // namespace

TypedValue ExpressionWalk::error(Span span) { return {.value = {}, .type = {}, .taint = {}, .span = span}; }

bool ExpressionWalk::isConstant(const TypedValue& value) const {
  return value.value.valid() && node(value).op == ir::Op::Constant;
}

TypedValue ExpressionWalk::constant(ir::Literal literal, ir::Type type, Span span) {
  const ir::ValueId id =
      graph_.add({.op = ir::Op::Constant, .type = type, .span = span, .literal = std::move(literal)});
  return {.value = id, .type = std::move(type), .taint = {}, .span = span};
}

TypedValue ExpressionWalk::number(double value, Span span, std::string unit) {
  return constant({value}, {.kind = Kind::Float, .unit = std::move(unit)}, span);
}

TypedValue ExpressionWalk::input(const ScopeColumn& column, Span span) {
  const ir::ValueId id = graph_.add({.op = ir::Op::Input, .type = column.type, .span = span, .slot = column.slot});
  return {.value = id, .type = column.type, .taint = column.taint, .span = span, .origin = column.span,
          .origin_name = fmt::format("`{}`", column.name)};
}

TypedValue ExpressionWalk::add(ir::Value value, const Operands& arguments, ir::Type type, Span span) {
  TypedValue out{.value = {}, .type = std::move(type), .taint = {}, .span = span};
  for (const TypedValue& argument : arguments) {
    value.args.push_back(argument.value);
    mergeTaint(out.taint, argument.taint);
  }
  value.span = span;
  out.value = graph_.add(std::move(value));
  return out;
}

TypedValue ExpressionWalk::call(std::string_view kernel, const Operands& arguments, ir::Type result, Span span,
                                std::vector<ir::Literal> options) {
  const ir::KernelRow* row = ir::findKernel(kernel);
  CD4ML_CHECK(row != nullptr);
  std::vector<bool> nullable, value_nullable;
  bool all_constant = options.empty() && !arguments.empty();
  for (const TypedValue& argument : arguments) {
    if (argument.type.isError()) return error(span);
    nullable.push_back(argument.type.nullable);
    value_nullable.push_back(node(argument).type.nullable);
    all_constant = all_constant && isConstant(argument);
  }
  if (!arguments.empty()) result.nullable = nullableBy(*row, nullable);
  if (all_constant) {
    std::vector<ir::Literal> literals;
    for (const TypedValue& argument : arguments) literals.push_back(node(argument).literal);
    Folded folded = foldKernel(kernel, literals);
    if (!folded.failure.empty()) {
      diagnostics_.add(diag::Code::ConstantFails, span, fmt::format("this constant fails: {}", folded.failure));
      return error(span);
    }
    if (folded.value) {
      result.nullable = std::holds_alternative<std::monostate>(folded.value->value);
      return constant(std::move(*folded.value), std::move(result), span);
    }
  }
  ir::Type value_type = result;
  if (!arguments.empty()) value_type.nullable = nullableBy(*row, value_nullable);
  return add({.op = ir::Op::Call, .type = value_type, .name = std::string(kernel), .options = std::move(options)},
             arguments, std::move(result), span);
}

TypedValue ExpressionWalk::callOp(std::string_view op, const Operands& arguments, ir::Type result, Span span) {
  std::string kernel{op};
  kernel += '_';
  for (const TypedValue& argument : arguments) {
    if (argument.type.isError()) return error(span);
    kernel += letterOf(argument.type.kind);
  }
  return call(kernel, arguments, std::move(result), span);
}

}  // namespace cd4ml::check
