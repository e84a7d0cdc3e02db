#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

TestDecl Builder::testDecl(Grammar::TestDeclContext* context) {
  TestDecl out;
  header(out, context, nullptr);
  out.name.text = textIn(context, out.name.span);
  out.head_span.end = out.name.span.end;
  for (auto* item : childrenOf<Grammar::TestItemContext>(context->testBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) {
      out.items.emplace_back(errorItem(item));
    } else {
      out.items.push_back(testItem(insideOf(item)));
    }
  }
  return out;
}

TestItem Builder::testItem(ParserRuleContext* context) {
  const Span place = span(context);
  if (context->getRuleIndex() == Grammar::RuleGivenItem) {
    auto* item = static_cast<Grammar::GivenItemContext*>(context);
    return GivenItem{.source = path(item->nodeRef()), .rows = list(item->list()), .span = place};
  }
  auto* item = static_cast<Grammar::ExpectItemContext*>(context);
  if (item->K_ERROR() != nullptr) {
    ExpectErrorItem out{.text = {}, .text_span = {}, .span = place};
    out.text = textIn(item, out.text_span);
    return out;
  }
  ExpectItem out{.condition = expr(item->expr()), .within = {}, .span = place};
  if (auto* tolerance = item->arith()) out.within = arith(tolerance);
  return out;
}

}  // namespace cd4ml::parse
