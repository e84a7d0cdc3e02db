#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/context.h"

namespace cd4ml::check {

/// `unit mi = 1.609344km`.
void checkUnits(Context& context) {
  std::map<std::string, Span> declared;
  for (const syntax::Decl& decl : context.tree.decls) {
    const auto* unit = std::get_if<syntax::UnitDecl>(&decl);
    if (unit == nullptr || !unit->value.valid()) continue;
    const syntax::Expr& value = context.tree[unit->value];
    if (value.kind == syntax::ExprKind::Error) continue;
    if (value.kind != syntax::ExprKind::Quantity || !(value.number > 0) || value.text == "mo" || value.text == "y") {
      context.report(diag::Code::BadUnit, value.span, fmt::format("the unit `{}` needs a quantity, as much as one of it is", unit->name.text))
          .help.emplace_back("write a number with a unit, as in `unit mi = 1.609344km`");
      continue;
    }
    const auto [first, is_new] = declared.emplace(unit->name.text, unit->name.span);
    if (!is_new) {
      context.report(diag::Code::DuplicateName, unit->name.span, fmt::format("the unit `{}` is declared twice", unit->name.text)).labels.push_back({first->second, "first declared here"});
      continue;
    }
    if (context.environment.units.define(unit->name.text, value.number, value.text)) continue;
    const bool builtin = microsecondsOf(unit->name.text).has_value() || ratioBetween(unit->name.text, "B").has_value();
    context.report(diag::Code::BadUnit, unit->name.span,
                   builtin ? fmt::format("the unit `{}` is built in", unit->name.text) : fmt::format("the unit `{}` is defined by itself", unit->name.text))
        .help.emplace_back(builtin ? "use it as it is, or choose another name" : "one of the units must have no declaration");
  }
}

void warnUnusedUnits(Context& context) {
  const bool declares = std::ranges::any_of(context.tree.decls, [](const syntax::Decl& decl) { return std::holds_alternative<syntax::UnitDecl>(decl); });
  if (!declares) return;
  const std::set<std::string> used = usedUnits(context.tree);
  for (const syntax::Decl& decl : context.tree.decls) {
    const auto* unit = std::get_if<syntax::UnitDecl>(&decl);
    if (unit == nullptr || unit->span.file != context.tree.file || used.contains(unit->name.text)) continue;
    context.report(diag::Code::UnusedNode, unit->name.span, fmt::format("nothing uses the unit `{}`", unit->name.text)).help.emplace_back("delete it, or use it in a type or a quantity");
  }
}

}  // namespace cd4ml::check
