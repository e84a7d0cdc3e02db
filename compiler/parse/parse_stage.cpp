#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

StageDecl Builder::stageDecl(Grammar::StageDeclContext* context) {
  StageDecl out;
  header(out, context, context->name());
  out.program = operand(context->operand());
  for (auto* item : childrenOf<Grammar::StageItemContext>(context->stageBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(stageItem(insideOf(item)));
    }
  }
  return out;
}

StageItem Builder::stageItem(ParserRuleContext* context) {
  const Span place = span(context);
  switch (context->getRuleIndex()) {
    case Grammar::RuleInputItem: {
      auto* item = static_cast<Grammar::InputItemContext*>(context);
      InputItem out{.name = {}, .node = {}, .file = {}, .file_span = {}, .span = place};
      if (auto* word = item->name()) out.name = name(word);
      if (auto* node = item->nodeRef()) out.node = nodeRef(node);
      out.file = textIn(item, out.file_span);
      return out;
    }
    case Grammar::RuleStageOutputItem: {
      auto* item = static_cast<Grammar::StageOutputItemContext*>(context);
      StageOutputItem out{.name = name(item->name()), .file = {}, .file_span = {}, .span = place};
      out.file = textIn(item, out.file_span);
      return out;
    }
    case Grammar::RuleTimeoutItem:
      return TimeoutItem{.value = amount(static_cast<Grammar::TimeoutItemContext*>(context)->amount()), .span = place};
    case Grammar::RuleRetriesItem:
      return RetriesItem{.value = amount(static_cast<Grammar::RetriesItemContext*>(context)->amount()), .span = place};
    case Grammar::RuleEnvItem:
      return EnvItem{.values = braces(static_cast<Grammar::EnvItemContext*>(context)->braces()), .span = place};
    default: CD4ML_UNREACHABLE("an item of stage that the builder does not know");
  }
}

}  // namespace cd4ml::parse
