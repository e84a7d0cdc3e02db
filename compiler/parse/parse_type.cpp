#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

TypeSyntax Builder::type(Grammar::TypeContext* context) {
  TypeSyntax out{.name = name(context->name()), .unit = {}, .unit_span = {}, .levels = {}, .span = span(context)};
  out.nullable = context->QUESTION() != nullptr;
  auto* inside = context->typeArguments();
  if (inside == nullptr) return out;
  if (auto* levels = inside->braces()) {
    out.has_levels = true;
    const Expr set = at(braces(levels));
    out.levels = set.operands;
    if (set.kind == ExprKind::Record) {
      report(diag::Code::MixedBraces, span(levels), "the values of a category stand without names").help = {
          "as in `category{\"sun\", \"rain\"}`"};
    }
    return out;
  }
  if (auto* size = inside->arith()) {
    out.size = arith(size);
    return out;
  }
  auto* angle = inside->angle();
  if (out.name.text == "list") {
    for (auto* term : childrenOf<Grammar::AngleTermContext>(angle)) {
      if (auto* of = term->type()) out.parameters.push_back(type(of));
    }
    return out;
  }
  out.unit_span = span(angle);
  for (std::size_t i = angle->getStart()->getTokenIndex(); i <= lastOf(angle)->getTokenIndex(); ++i) {
    const LexedToken& token = lexed_.tokens[i];
    if (!token.hidden) out.unit += text_.substr(token.begin, token.end - token.begin);
  }
  return out;
}

}  // namespace cd4ml::parse
