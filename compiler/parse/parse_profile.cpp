#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

ProfileDecl Builder::profileDecl(Grammar::ProfileDeclContext* context) {
  ProfileDecl out;
  header(out, context, context->name());
  for (auto* item : childrenOf<Grammar::ProfileItemContext>(context->profileBlock())) {
    docAbove(item->getStart());
    if (isBroken(item)) continue;
    out.items.push_back({.name = path(item->nodeRef()), .value = arith(item->arith()), .span = span(item)});
  }
  return out;
}

}  // namespace cd4ml::parse
