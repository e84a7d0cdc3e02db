#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

FeaturesDecl Builder::featuresDecl(Grammar::FeaturesDeclContext* context) {
  FeaturesDecl out;
  header(out, context, context->name());
  out.from = nodeRef(context->nodeRef());
  for (auto* item : childrenOf<Grammar::FeaturesItemContext>(context->featuresBlock())) {
    if (isBroken(item)) {
      docAbove(item->getStart());
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(featuresItem(dynamic_cast<ParserRuleContext*>(item->children.front())));
    }
  }
  return out;
}

FeaturesItem Builder::featuresItem(ParserRuleContext* context) {
  const Span place = span(context);
  std::string doc = docAbove(context->getStart());
  switch (context->getRuleIndex()) {
    case Grammar::RuleTargetItem: {
      auto* target = static_cast<Grammar::TargetItemContext*>(context);
      TargetItem out{.value = expr(target->expr()), .after = {}, .known = names(target->nameList()), .span = place};
      if (auto* via = target->name()) out.via = name(via);
      if (auto* after = target->arith()) out.after = arith(after);
      return out;
    }
    case Grammar::RuleWeightItem:
      return WeightItem{.value = expr(static_cast<Grammar::WeightItemContext*>(context)->expr()), .span = place};
    case Grammar::RuleUseItem: {
      auto* use = static_cast<Grammar::UseItemContext*>(context);
      return UseItem{.all_except = use->K_EXCEPT() != nullptr, .names = names(use->nameList()), .span = place};
    }
    case Grammar::RuleFeatureItem: {
      auto* feature = static_cast<Grammar::FeatureItemContext*>(context);
      return FeatureItem{.name = name(feature->featureName()), .value = expr(feature->expr()), .doc = std::move(doc), .span = place};
    }
    default: CD4ML_UNREACHABLE("an item of features that the builder does not know");
  }
}

}  // namespace cd4ml::parse
