#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

SplitDecl Builder::splitDecl(Grammar::SplitDeclContext* context) {
  SplitDecl out;
  header(out, context, nullptr);
  for (auto* features : childrenOf<Grammar::NodeRefContext>(context)) out.features.push_back(path(features));
  // A split has no name of its own; it goes by its first features node.
  out.name = out.features.front();
  out.head_span.end = out.features.back().span.end;
  out.method = operand(context->operand());
  for (auto* item : childrenOf<Grammar::SplitItemContext>(context->splitBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) continue;
    SplitPart part{.part = name(item->name()), .amount = {}, .rest = item->K_REST() != nullptr, .span = span(item)};
    if (auto* share = item->amount()) part.amount = amount(share);
    out.parts.push_back(std::move(part));
  }
  return out;
}

}  // namespace cd4ml::parse
