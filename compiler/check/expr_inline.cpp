// Calls of functions, written out by resolve::inlineFunctions: arguments take the types of the parameters, the body's
// value that of the result.
#include <fmt/format.h>

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

ir::Type ExpressionWalk::signatureType(const syntax::TypeSyntax& syntax, std::int64_t instance, const TypedValue* argument) {
  ir::Type type = checker_.type(syntax);
  if (type.isError() || type.unit.empty()) return type;
  auto& bound = free_units_[instance];
  const std::vector<std::string> factors = unitFactors(type.unit);
  const bool is_free = factors.size() == 1 && factors.front() == type.unit && !environment_.units.knows(type.unit);
  if (is_free && argument != nullptr && argument->type.isNumber()) bound.emplace(type.unit, argument->type.unit);
  std::string unit;
  for (const UnitFactor& factor : unitPowers(type.unit)) {
    std::string value = factor.name;
    if (const auto found = bound.find(factor.name); found != bound.end()) {
      value = found->second;
    } else if (!environment_.units.knows(factor.name)) {
      return {};  // no argument says what it is
    }
    unit = multiplyUnits(unit, raiseUnit(value, factor.power));
  }
  type.unit = unit;
  return type;
}

TypedValue ExpressionWalk::visitInlined(const syntax::Expr& expr) {
  const syntax::InlinedCall& call = tree_.calls[static_cast<std::size_t>(expr.integer)];
  const auto& fn = std::get<syntax::FnDecl>(tree_.decls[call.decl]);
  const std::size_t before = diagnostics_.all().size();
  TypedValue value = visit(expr.operands[0]);
  const ir::Type wanted = signatureType(fn.result, expr.integer, nullptr);
  const std::size_t checked = diagnostics_.all().size();
  value = coerce(std::move(value), wanted);
  diagnostics_.labelSince(checked, fn.result.span, fmt::format("the result of `{}`", fn.name.text));
  diagnostics_.labelSince(before, call.span, fmt::format("in this call of `{}`", fn.name.text));
  value.origin = {};
  return value;
}

TypedValue ExpressionWalk::visitParameter(syntax::ExprId id) {
  const syntax::Expr& expr = tree_[id];
  const ArgumentKey key{id.index, inside_fold_, narrowed_};
  if (const auto known = arguments_.find(key); known != arguments_.end()) return known->second;
  const auto& fn = std::get<syntax::FnDecl>(tree_.decls[tree_.calls[static_cast<std::size_t>(expr.integer)].decl]);
  const syntax::FnParameter& parameter = fn.parameters[static_cast<std::size_t>(expr.number)];
  TypedValue value = visit(expr.operands[0]);
  const ir::Type wanted = signatureType(parameter.type, expr.integer, &value);
  const std::size_t before = diagnostics_.all().size();
  value = coerce(std::move(value), wanted);
  diagnostics_.labelSince(before, parameter.span, fmt::format("the parameter `{}` of `{}`", parameter.name.text, fn.name.text));
  if (wanted.isError()) value = error(expr.span);
  arguments_.emplace(key, value);
  return value;
}

bool ExpressionWalk::isTextChoice(ir::ValueId value) const {
  if (!value.valid() || graph_[value].type.kind != Kind::Text) return false;
  const ir::Value& node = graph_[value];
  if (node.op == ir::Op::Constant) return true;
  return node.op == ir::Op::Call && node.name.starts_with("select_") && isTextChoice(node.args[1]) && isTextChoice(node.args[2]);
}

/// `if c then "a" else "b"` where a category is wanted: each text takes the category's type.
TypedValue ExpressionWalk::textToCategory(const TypedValue& text, const ir::Type& category) {
  if (isConstant(text) && std::holds_alternative<std::monostate>(node(text).literal.value)) {
    ir::Type type = category;
    type.nullable = true;
    return constant({}, type, text.span);
  }
  if (isConstant(text)) return toCategory(text, category);
  const std::vector<ir::ValueId> args = node(text).args;
  const auto part = [&](ir::ValueId id) {
    return TypedValue{.value = id, .type = graph_[id].type, .taint = text.taint, .span = graph_[id].span};
  };
  const TypedValue then = textToCategory(part(args[1]), category);
  const TypedValue otherwise = textToCategory(part(args[2]), category);
  if (then.type.isError() || otherwise.type.isError()) return error(text.span);
  TypedValue value = callOp("select", {part(args[0]), then, otherwise}, category, text.span);
  value.origin = text.origin;
  return value;
}

}  // namespace cd4ml::check
