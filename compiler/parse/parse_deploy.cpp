#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

DeployDecl Builder::deployDecl(Grammar::DeployDeclContext* context) {
  DeployDecl out;
  header(out, context, context->name());
  const auto nodes = childrenOf<Grammar::NodeRefContext>(context);
  out.model = nodeRef(nodes.front());
  if (nodes.size() > 1) out.gate = nodeRef(nodes[1]);
  for (auto* item : childrenOf<Grammar::DeployItemContext>(context->deployBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(deployItem(dynamic_cast<ParserRuleContext*>(item->children.front())));
    }
  }
  return out;
}

/// Rollouts have a form of their own; every other item keeps its word, its values in order, its names and its actions.
DeployItem Builder::deployItem(ParserRuleContext* context) {
  if (context->getRuleIndex() == Grammar::RuleRolloutItem) {
    return rolloutItem(static_cast<Grammar::RolloutItemContext*>(context));
  }
  return clauseItem(context);
}

ClauseItem Builder::clauseItem(ParserRuleContext* context) {
  antlr4::Token* word = context->getStart();
  ClauseItem out{.word = {.text = std::string(text(word)), .span = span(word)}, .values = {}, .words = {}, .actions = {}, .span = span(context)};
  for (ParseTree* child : context->children) {
    if (auto* n = dynamic_cast<Grammar::NameContext*>(child)) out.words.push_back(name(n));
    if (auto* n = dynamic_cast<Grammar::MetricNameContext*>(child)) out.words.push_back(name(n));
    if (auto* n = dynamic_cast<Grammar::NodeRefContext*>(child)) out.values.push_back(nodeRef(n));
    if (auto* v = dynamic_cast<Grammar::AmountContext*>(child)) out.values.push_back(amount(v));
    if (auto* v = dynamic_cast<Grammar::ExprContext*>(child)) out.values.push_back(expr(v));
    if (auto* v = dynamic_cast<Grammar::BracesContext*>(child)) out.values.push_back(braces(v));
    if (auto* v = dynamic_cast<Grammar::ActionsContext*>(child)) out.actions = actions(v);
  }
  return out;
}

RolloutItem Builder::rolloutItem(Grammar::RolloutItemContext* context) {
  RolloutItem out{.steps = {}, .span = span(context)};
  for (auto* item : childrenOf<Grammar::RolloutStepContext>(context)) {
    RolloutStep step{.kind = name(item->name()), .amounts = {}, .span = span(item)};
    if (auto* shares = item->list()) {
      for (auto* share : childrenOf<Grammar::ExprContext>(shares)) step.amounts.push_back(expr(share));
    } else {
      step.amounts.push_back(amount(item->amount()));
    }
    out.steps.push_back(std::move(step));
  }
  return out;
}

}  // namespace cd4ml::parse
