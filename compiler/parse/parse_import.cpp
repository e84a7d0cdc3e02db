#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

ImportDecl Builder::importDecl(Grammar::ImportDeclContext* context) {
  ImportDecl out;
  header(out, context, context->name());
  out.path = textIn(context, out.path_span);
  return out;
}

}  // namespace cd4ml::parse
