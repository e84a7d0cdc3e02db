#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

MonitorDecl Builder::monitorDecl(Grammar::MonitorDeclContext* context) {
  MonitorDecl out;
  header(out, context, context->name());
  out.subject = nodeRef(context->nodeRef());
  for (auto* item : childrenOf<Grammar::MonitorItemContext>(context->monitorBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(monitorItem(insideOf(item)));
    }
  }
  return out;
}

MonitorItem Builder::monitorItem(ParserRuleContext* context) {
  const Span place = span(context);
  switch (context->getRuleIndex()) {
    case Grammar::RuleWindowItem: {
      const auto amounts = childrenOf<Grammar::AmountContext>(context);
      WindowItem out{.extent = amount(amounts.front()), .min_rows = {}, .span = place};
      if (amounts.size() > 1) out.min_rows = amount(amounts[1]);
      return out;
    }
    case Grammar::RuleBaselineItem: {
      auto* item = static_cast<Grammar::BaselineItemContext*>(context);
      BaselineItem out{.word = name(item->name()), .amount = {}, .span = place};
      if (auto* value = item->amount()) out.amount = amount(value);
      return out;
    }
    case Grammar::RuleDriftItem: {
      auto* item = static_cast<Grammar::DriftItemContext*>(context);
      const auto lists = childrenOf<Grammar::NameListContext>(item);
      DriftItem out{.options = arguments(item->args()), .of = names(lists.front()), .by = {}, .span = place};
      if (lists.size() > 1) out.by = names(lists[1]);
      return out;
    }
    case Grammar::RuleRequireItem: return requireItem(static_cast<Grammar::RequireItemContext*>(context));
    case Grammar::RuleEveryItem: {
      auto* item = static_cast<Grammar::EveryItemContext*>(context);
      return EveryItem{.period = amount(item->amount()), .actions = actions(item->actions()), .span = place};
    }
    case Grammar::RuleEventItem: {
      auto* item = static_cast<Grammar::EventItemContext*>(context);
      EventItem out{.event = name(item->name()), .limit = {}, .actions = actions(item->actions()), .span = place};
      if (auto* limit = item->amount()) out.limit = amount(limit);
      return out;
    }
    default: return clauseItem(context);  // a word and its values
  }
}

}  // namespace cd4ml::parse
