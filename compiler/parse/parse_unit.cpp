#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

UnitDecl Builder::unitDecl(Grammar::UnitDeclContext* context) {
  UnitDecl out;
  header(out, context, context->name());
  out.value = arith(context->arith());
  return out;
}

}  // namespace cd4ml::parse
