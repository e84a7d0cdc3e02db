#include <fmt/format.h>

#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

TableDecl Builder::tableDecl(Grammar::TableDeclContext* context) {
  TableDecl out;
  header(out, context, context->name());
  out.from = nodeRef(context->nodeRef());
  for (auto* item : childrenOf<Grammar::TableItemContext>(context->tableBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.verbs.emplace_back(errorItem(item));
    } else {
      out.verbs.push_back(tableVerb(dynamic_cast<ParserRuleContext*>(item->children.front())));
    }
  }
  return out;
}

TableVerb Builder::tableVerb(ParserRuleContext* context) {
  const Span place = span(context);
  switch (context->getRuleIndex()) {
    case Grammar::RuleFilterVerb:
      return FilterVerb{.condition = expr(static_cast<Grammar::FilterVerbContext*>(context)->expr()), .span = place};
    case Grammar::RuleDeriveVerb: {
      auto* verb = static_cast<Grammar::DeriveVerbContext*>(context);
      DeriveVerb out{.name = name(verb->name()), .value = expr(verb->expr()), .roles = {}, .span = place};
      for (auto* leaf : verb->ROLE()) out.roles.push_back(role(leaf->getSymbol()));
      return out;
    }
    case Grammar::RuleSelectVerb:
      return SelectVerb{.names = names(static_cast<Grammar::SelectVerbContext*>(context)->nameList()), .span = place};
    case Grammar::RuleDropVerb:
      return DropVerb{.names = names(static_cast<Grammar::DropVerbContext*>(context)->nameList()), .span = place};
    case Grammar::RuleRenameVerb: {
      const auto both = childrenOf<Grammar::NameContext>(context);
      return RenameVerb{.from = name(both[0]), .to = name(both[1]), .span = place};
    }
    case Grammar::RuleJoinVerb: return joinVerb(static_cast<Grammar::JoinVerbContext*>(context));
    case Grammar::RuleAsofVerb: return asofVerb(static_cast<Grammar::AsofVerbContext*>(context));
    case Grammar::RuleGroupVerb: return groupVerb(static_cast<Grammar::GroupVerbContext*>(context));
    case Grammar::RuleDedupeVerb: return dedupeVerb(static_cast<Grammar::DedupeVerbContext*>(context));
    case Grammar::RuleSampleVerb:
      return SampleVerb{.share = amount(static_cast<Grammar::SampleVerbContext*>(context)->amount()), .span = place};
    case Grammar::RuleUnionVerb:
      return UnionVerb{.node = nodeRef(static_cast<Grammar::UnionVerbContext*>(context)->nodeRef()), .span = place};
    case Grammar::RuleFillVerb: {
      auto* verb = static_cast<Grammar::FillVerbContext*>(context);
      return FillVerb{.step = arith(verb->arith()), .keys = names(verb->nameList()), .span = place};
    }
    case Grammar::RuleRequireItem: return requireItem(static_cast<Grammar::RequireItemContext*>(context));
    default: CD4ML_UNREACHABLE("a verb of the grammar that the builder does not know");
  }
}

JoinVerb Builder::joinVerb(Grammar::JoinVerbContext* context) {
  JoinVerb out{.kind = JoinVerb::Kind::LookUp, .node = nodeRef(context->nodeRef()), .span = span(context)};
  if (auto* kind = context->joinKind()) {
    out.kind = kind->K_INNER() != nullptr ? JoinVerb::Kind::Inner : JoinVerb::Kind::Many;
  }
  out.keys = joinKeys(childrenOf<Grammar::JoinKeyContext>(context));
  if (auto* prefix = context->name()) out.prefix = name(prefix);
  return out;
}

JoinVerb Builder::asofVerb(Grammar::AsofVerbContext* context) {
  JoinVerb out{.kind = JoinVerb::Kind::AsOf, .node = nodeRef(context->nodeRef()), .span = span(context)};
  out.keys = joinKeys(childrenOf<Grammar::JoinKeyContext>(context));
  bool within = false;
  for (ParseTree* child : context->children) {
    if (antlr4::Token* token = tokenOf(child)) within = token->getType() == Grammar::K_WITHIN;
    if (auto* value = dynamic_cast<Grammar::ArithContext*>(child)) (within ? out.within : out.ahead) = arith(value);
  }
  if (auto* prefix = context->name()) out.prefix = name(prefix);
  return out;
}

std::vector<JoinKey> Builder::joinKeys(const std::vector<Grammar::JoinKeyContext*>& contexts) {
  std::vector<JoinKey> keys;
  for (auto* context : contexts) {
    const auto both = childrenOf<Grammar::NameContext>(context);
    keys.push_back({.left = name(both.front()), .right = name(both.back())});
  }
  return keys;
}

GroupVerb Builder::groupVerb(Grammar::GroupVerbContext* context) {
  GroupVerb out{.keys = {}, .aggregates = {}, .span = span(context)};
  for (auto* key : childrenOf<Grammar::GroupKeyContext>(context)) {
    out.keys.push_back({.name = name(key->name()), .value = {}});
    if (auto* value = key->expr()) out.keys.back().value = expr(value);
  }
  for (auto* item : childrenOf<Grammar::GroupItemContext>(context->groupBlock())) {
    docAbove(item->getStart());
    out.aggregates.push_back({.name = name(item->name()), .value = expr(item->expr())});
  }
  return out;
}

DedupeVerb Builder::dedupeVerb(Grammar::DedupeVerbContext* context) {
  DedupeVerb out{.keys = names(context->nameList()), .keep_last = false, .by = {}, .span = span(context)};
  const auto found = childrenOf<Grammar::NameContext>(context);
  const Name which = name(found.front());
  out.keep_last = which.text == "last";
  if (which.text != "first" && which.text != "last") {
    report(diag::Code::UnexpectedToken, which.span, fmt::format("expected `first` or `last`, found `{}`", which.text));
  }
  if (found.size() > 1) out.by = name(found[1]);
  return out;
}

}  // namespace cd4ml::parse
