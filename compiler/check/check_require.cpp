#include <fmt/format.h>

#include "compiler/check/context.h"

namespace cd4ml::check {
namespace {

/// One condition over all rows is true or not: nothing of it can hold for a share of the rows.
void rejectClauses(Context& context, const syntax::RequireSyntax& require) {
  using diag::Code;
  const std::string_view word = require.warning ? "warn" : "require";
  if (require.confident.valid()) {
    context.report(Code::RequireClause, context.span(require.confident), fmt::format("`confident` belongs to the checks of a gate, this `{}` is of all rows", word))
        .help.emplace_back("leave it out: the rows are what they are, only a model's metrics vary with the sample of rows");
  }
  if (!require.share.valid()) return;
  diag::Diagnostic& diagnostic = context.report(Code::RequireClause, context.span(require.share), fmt::format("this `{}` is one condition over all rows, it cannot hold for `{}` of them", word, context.text(require.share)));
  diagnostic.help.push_back(fmt::format("fold the rows: `{} mean(CONDITION) >= {}`", word, context.text(require.share)));
  diagnostic.help.emplace_back("a field of a source has checks of its own: `price: float  check price > 0 for 99.9%`");
}

}  // namespace

ir::RequireOp checkRequire(Context& context, const syntax::RequireSyntax& require, const Scope& scope, ir::Graph& graph) {
  rejectClauses(context, require);
  const Condition condition = context.expressions.checkCondition(require.condition, scope, graph);
  return {.condition = condition.value.value, .warning = require.warning, .text = context.text(require.condition), .span = require.span};
}

}  // namespace cd4ml::check
