#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

SchemaDecl Builder::schemaDecl(Grammar::SchemaDeclContext* context) {
  SchemaDecl out;
  header(out, context, context->name());
  sourceBlock(context->sourceBlock(), out.fields, out.requires_);
  return out;
}

}  // namespace cd4ml::parse
