#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

FnDecl Builder::fnDecl(Grammar::FnDeclContext* context) {
  FnDecl out;
  header(out, context, context->name());
  for (auto* parameter : childrenOf<Grammar::FnParameterContext>(context)) {
    out.parameters.push_back({.name = name(parameter->name()), .type = type(parameter->type()), .span = span(parameter)});
  }
  out.result = type(context->type());
  out.body = expr(context->expr());
  return out;
}

}  // namespace cd4ml::parse
