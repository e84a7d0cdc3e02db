// Constant expressions → literals.
#include <array>

#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

Constant ExpressionChecker::constant(syntax::ExprId expr, const ir::Type* expected) {
  if (!expr.valid()) return {};
  const Scope scope{.place = Place::Constant};
  ir::Graph graph;
  ExpressionWalk walk(*this, scope, graph);
  TypedValue value = walk.visit(expr);
  if (expected != nullptr) value = walk.coerce(std::move(value), *expected);
  if (value.type.isError()) return {.value = {}, .type = {}, .span = tree_[expr].span};
  if (!walk.isConstant(value)) {
    diagnostics_.add(diag::Code::NotConstant, tree_[expr].span, "a constant must stand here")
        .help.push_back("literals, params and arithmetic over them are constants");
    return {.value = {}, .type = {}, .span = tree_[expr].span};
  }
  return {.value = walk.node(value).literal, .type = value.type, .span = tree_[expr].span};
}

std::optional<Constant> ExpressionChecker::constantOfKind(syntax::ExprId expr, ir::Kind kind) {
  const ir::Type type{.kind = kind};
  Constant value = constant(expr, &type);
  if (!value.ok()) return std::nullopt;
  return value;
}

std::optional<double> ExpressionChecker::constantNumber(syntax::ExprId expr) {
  const auto value = constantOfKind(expr, ir::Kind::Float);
  if (!value) return std::nullopt;
  return std::get<double>(value->value.value);
}

std::optional<std::int64_t> ExpressionChecker::constantInt(syntax::ExprId expr) {
  const auto value = constantOfKind(expr, ir::Kind::Int);
  if (!value) return std::nullopt;
  return std::get<std::int64_t>(value->value.value);
}

std::optional<bool> ExpressionChecker::constantBool(syntax::ExprId expr) {
  const auto value = constantOfKind(expr, ir::Kind::Bool);
  if (!value) return std::nullopt;
  return std::get<bool>(value->value.value);
}

std::optional<std::string> ExpressionChecker::constantText(syntax::ExprId expr) {
  const auto value = constantOfKind(expr, ir::Kind::Text);
  if (!value) return std::nullopt;
  return std::get<std::string>(value->value.value);
}

std::optional<std::int64_t> ExpressionChecker::constantDuration(syntax::ExprId expr) {
  const auto value = constantOfKind(expr, ir::Kind::Duration);
  if (!value) return std::nullopt;
  return std::get<std::int64_t>(value->value.value);
}

}  // namespace cd4ml::check
