#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

ParamDecl Builder::paramDecl(Grammar::ParamDeclContext* context) {
  ParamDecl out;
  header(out, context, context->name());
  out.type = type(context->type());
  if (auto* value = context->arith()) out.default_value = arith(value);
  if (auto* range = context->rangeSpec()) out.range = rangeSpec(range, out.range_is_log);
  return out;
}

ExprId Builder::rangeSpec(Grammar::RangeSpecContext* context, bool& log) {
  if (auto* set = context->braces()) return braces(set);
  if (auto* values = context->list()) return list(values);
  log = context->K_LOG() != nullptr;
  const auto bounds = childrenOf<Grammar::BoundContext>(context);
  Expr range{.kind = ExprKind::Range};
  for (auto* b : bounds) range.operands.push_back(bound(b));
  return combine(std::move(range));
}

ExprId Builder::bound(Grammar::BoundContext* context) {
  if (auto* node = context->nodeRef()) return nodeRef(node);
  if (auto* inner = context->parenthesised()) return parenthesised(inner);
  const ExprId value = literal(context->getStop());
  if (context->MINUS() == nullptr) return value;
  Expr negative{.kind = ExprKind::Unary, .op = Operator::Negate};
  negative.operands = {value};
  return add(std::move(negative), context);
}

}  // namespace cd4ml::parse
