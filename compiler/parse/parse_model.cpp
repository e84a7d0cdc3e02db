#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

ModelDecl Builder::modelDecl(Grammar::ModelDeclContext* context) {
  ModelDecl out;
  header(out, context, context->name());
  out.per = names(context->nameList());
  const auto calls = childrenOf<Grammar::OperandContext>(context);
  out.algorithm = operand(calls.front());
  if (auto* direction = context->direction()) {
    out.maximize = direction->K_MAXIMIZE() != nullptr;
    out.choose_metric = operand(calls.back());
  }
  for (auto* item : childrenOf<Grammar::ModelItemContext>(context->modelBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(modelItem(dynamic_cast<ParserRuleContext*>(item->children.front())));
    }
  }
  return out;
}

ModelItem Builder::modelItem(ParserRuleContext* context) {
  const Span place = span(context);
  switch (context->getRuleIndex()) {
    case Grammar::RuleTuneItem: return tuneItem(static_cast<Grammar::TuneItemContext*>(context));
    case Grammar::RuleThresholdItem: {
      auto* item = static_cast<Grammar::ThresholdItemContext*>(context);
      if (auto* value = item->arith()) return ThresholdItem{.value = arith(value), .minimize = false, .span = place};
      return ThresholdItem{.value = operand(item->operand()), .minimize = true, .span = place};
    }
    case Grammar::RuleMinRowsItem:
      return MinRowsItem{.rows = amount(static_cast<Grammar::MinRowsItemContext*>(context)->amount()), .span = place};
    case Grammar::RuleFallbackItem:
      return FallbackItem{.kind = name(static_cast<Grammar::FallbackItemContext*>(context)->name()), .span = place};
    default: CD4ML_UNREACHABLE("an item of model that the builder does not know");
  }
}

TuneItem Builder::tuneItem(Grammar::TuneItemContext* context) {
  const auto calls = childrenOf<Grammar::OperandContext>(context);
  TuneItem out{.method = operand(calls.front()),
               .maximize = context->direction()->K_MAXIMIZE() != nullptr,
               .metric = operand(calls.back()),
               .ranges = {},
               .span = span(context)};
  for (auto* item : childrenOf<Grammar::TuneRangeContext>(context->tuneBlock())) {
    docAbove(item->getStart());
    TuneRange range{.name = name(item->name()), .range = {}, .log = false, .span = span(item)};
    range.range = rangeSpec(item->rangeSpec(), range.log);
    out.ranges.push_back(std::move(range));
  }
  return out;
}

}  // namespace cd4ml::parse
