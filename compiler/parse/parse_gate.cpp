#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

GateDecl Builder::gateDecl(Grammar::GateDeclContext* context) {
  GateDecl out;
  header(out, context, context->name());
  for (auto* node : childrenOf<Grammar::NodeRefContext>(context)) out.evaluates.push_back(nodeRef(node));
  for (auto* item : childrenOf<Grammar::GateItemContext>(context->gateBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else if (auto* rule = item->requireItem()) {
      out.items.emplace_back(requireItem(rule));
    } else {
      out.items.emplace_back(OtherwiseItem{.actions = actions(item->otherwiseItem()->actions()), .span = span(item)});
    }
  }
  return out;
}

RequireSyntax Builder::requireItem(Grammar::RequireItemContext* context) {
  RequireSyntax out{.warning = context->K_WARN() != nullptr, .condition = condition(context->condition()), .span = span(context)};
  bool confident = false;
  for (ParseTree* child : context->children) {
    if (antlr4::Token* token = tokenOf(child)) confident = token->getType() == Grammar::K_CONFIDENT;
    if (auto* value = dynamic_cast<Grammar::AmountContext*>(child)) (confident ? out.confident : out.share) = amount(value);
  }
  if (auto* column = context->name()) out.share_of = name(column);
  return out;
}

ExprId Builder::condition(Grammar::ConditionContext* context) {
  if (auto* whole = context->expr()) return expr(whole);
  const auto terms = childrenOf<Grammar::SliceTermContext>(context);
  const ExprId left = sliceTerm(terms.front());
  if (context->comparison() == nullptr) return left;
  const ExprId right = terms.size() > 1 ? sliceTerm(terms.back()) : arith(context->arith());
  return comparison(context->comparison(), left, right);
}

/// `worst auc by origin - 0.01`: a call `worst(auc, by: origin)` and terms added to it.
ExprId Builder::sliceTerm(Grammar::SliceTermContext* context) {
  Expr metric{.kind = ExprKind::Reference, .name = name(context->metricName())};
  const auto parts = childrenOf<Grammar::NameContext>(context);
  auto* options = context->args();
  if (options != nullptr && parts.empty()) {
    metric.kind = ExprKind::Call;
    metric.has_parentheses = true;
    metric.arguments = arguments(options);
  }
  ParseTree* metric_end = context->metricName();
  if (options != nullptr && parts.empty()) metric_end = options;
  ExprId value = add(std::move(metric), context->metricName(), metric_end);
  for (auto* part : parts) value = member(value, part, part == parts.back() ? options : nullptr);

  antlr4::Token* word = context->getStart();
  Expr call{.kind = ExprKind::Call, .has_parentheses = false};
  call.name = {.text = std::string(text(word)), .span = span(word)};
  call.arguments.push_back({.name = {}, .value = value});
  antlr4::Token* by = context->K_BY()->getSymbol();
  for (auto* column : childrenOf<Grammar::NameContext>(context->nameList())) {
    const ExprId reference = add(Expr{.kind = ExprKind::Reference, .name = name(column)}, column);
    call.arguments.push_back({.name = Name{.text = "by", .span = span(by)}, .value = reference});
  }
  ExprId out = add(std::move(call), context->children.front(), context->nameList());
  Operator op = Operator::Add;
  for (ParseTree* child : context->children) {
    if (antlr4::Token* token = tokenOf(child)) op = token->getType() == Grammar::MINUS ? Operator::Subtract : Operator::Add;
    if (auto* term = dynamic_cast<Grammar::OperandContext*>(child)) out = binary(op, out, operand(term));
  }
  return out;
}

std::vector<ActionSyntax> Builder::actions(Grammar::ActionsContext* context) {
  std::vector<ActionSyntax> out;
  for (auto* item : childrenOf<Grammar::ActionContext>(context)) {
    ActionSyntax action{.verb = {}, .target = {}, .arguments = {}, .span = span(item)};
    if (antlr4::Token* word = tokenOf(item->children.front())) {
      action.verb = {.text = std::string(text(word)), .span = span(word)};
      action.target = path(item->nodeRef());
    } else {
      action.verb = name(item->actionName());
      action.arguments = arguments(item->args());
    }
    out.push_back(std::move(action));
  }
  return out;
}

}  // namespace cd4ml::parse
