#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

SourceDecl Builder::sourceDecl(Grammar::SourceDeclContext* context) {
  SourceDecl out;
  header(out, context, context->name());
  out.reader = operand(context->operand());
  if (auto* schema = context->nodeRef()) out.schema = path(schema);
  out.has_fields = context->sourceBlock() != nullptr;
  sourceBlock(context->sourceBlock(), out.fields, out.requires_);
  return out;
}

void Builder::sourceBlock(Grammar::SourceBlockContext* block, std::vector<FieldSyntax>& fields, std::vector<RequireSyntax>& rules) {
  for (auto* item : childrenOf<Grammar::SourceItemContext>(block)) {
    const std::string doc = docAbove(item->getStart());
    if (isBroken(item)) continue;
    if (auto* rule = item->requireItem()) {
      rules.push_back(requireItem(rule));
    } else {
      fields.push_back(field(item->field()));
      fields.back().doc = doc;
    }
  }
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
