#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

SourceDecl Builder::sourceDecl(Grammar::SourceDeclContext* context) {
  SourceDecl out;
  const auto found = childrenOf<Grammar::NameContext>(context);
  header(out, context, found.front());
  out.reader = operand(context->operand());
  if (found.size() > 1) out.schema = name(found[1]);
  auto* block = context->sourceBlock();
  out.has_fields = block != nullptr;
  for (auto* item : childrenOf<Grammar::SourceItemContext>(block)) {
    const std::string doc = docAbove(item->getStart());
    if (isBroken(item)) continue;
    if (auto* rule = item->requireItem()) {
      out.requires_.push_back(requireItem(rule));
    } else {
      out.fields.push_back(field(item->field()));
      out.fields.back().doc = doc;
    }
  }
  return out;
}

FieldSyntax Builder::field(Grammar::FieldContext* context) {
  FieldSyntax out{.name = name(context->name()), .type = type(context->type()), .span = span(context)};
  for (auto* clause : childrenOf<Grammar::FieldClauseContext>(context)) {
    antlr4::Token* word = clause->getStart();
    if (word->getType() == Grammar::ROLE) {
      out.roles.push_back(role(word));
    } else if (word->getType() == Grammar::K_FROM) {
      out.from_column = literal(clause->getStop());
    } else {
      CheckSyntax check{.condition = expr(clause->expr()), .share = {}, .span = span(clause)};
      if (auto* share = clause->amount()) check.share = amount(share);
      out.checks.push_back(check);
    }
  }
  return out;
}

}  // namespace cd4ml::parse
