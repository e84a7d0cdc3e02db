#include "compiler/check/join_sides.h"

#include <algorithm>

#include <fmt/format.h>

namespace cd4ml::check {

using diag::Code;
using resolve::Construct;

const ScopeColumn* columnOfRole(const Scope& scope, ir::Role role) {
  const auto found = std::ranges::find_if(scope.columns, [&](const ScopeColumn& c) { return (c.roles & static_cast<std::uint8_t>(role)) != 0; });
  return found == scope.columns.end() ? nullptr : &*found;
}

JoinSides::JoinSides(TableState& state, const syntax::JoinVerb& verb) : state_(state), verb_(verb) {
  Context& context = state.context;
  context.rejectPart(verb.node, verb.kind == syntax::JoinVerb::Kind::AsOf ? "`asof`" : "`join`");
  right = context.find(verb.node, Construct::Source | Construct::Table);
  scope = scopeOf(context, right, Place::Row);
}

void JoinSides::checkKeys() {
  for (const syntax::JoinKey& key : verb_.keys) checkKey(key);
}

void JoinSides::checkKey(const syntax::JoinKey& key) {
  const ScopeColumn* left = state_.require(key.left);
  const ScopeColumn* other = scope.find(key.right.text);
  if (other == nullptr) reportUnknownColumn(state_.context, key.right, scope);
  if (left == nullptr || other == nullptr) return;
  mergeTaint(left_taint, left->taint);
  mergeTaint(right_taint, other->taint);
  left_keys.push_back(left->slot);
  right_keys.push_back(other->slot);
  const ir::Type& a = left->type;
  const ir::Type& b = other->type;
  if (a.isError() || b.isError() || (a.kind == b.kind && a.unit == b.unit)) return;
  diag::Diagnostic& diagnostic =
      state_.context.report(Code::JoinKeyTypes, key.left.span,
                            fmt::format("the keys of a join have one type, `{}` is {} and `{}` is {}", key.left.text, ir::typeText(a),
                                        key.right.text, ir::typeText(b)));
  diagnostic.labels.push_back({left->span, fmt::format("`{}` is declared here", key.left.text)});
  diagnostic.labels.push_back({other->span, fmt::format("`{}` is declared here", key.right.text)});
  diagnostic.help.emplace_back("derive a column of the other's type first");
}

void JoinSides::addColumns(Nulls nulls, const std::function<Taint(const ScopeColumn&)>& taint) {
  for (const ScopeColumn& column : scope.columns) {
    if (std::ranges::find(right_keys, column.slot) != right_keys.end()) continue;
    ScopeColumn added = column;
    if (verb_.prefix) added.name = verb_.prefix->text + "_" + column.name;
    if (const ScopeColumn* taken = state_.find(added.name)) {
      reportClash(column, added.name, *taken);
      continue;
    }
    added.slot = state_.newVariable();
    state_.joined[added.slot] = verb_.span;
    state_.docs[added.slot] = state_.context.pipeline[right].columns[column.slot].doc;
    added.roles &= static_cast<std::uint8_t>(ir::Role::Pii);
    if (nulls == Nulls::Possible && !added.type.isError()) added.type.nullable = true;
    added.taint = taint(column);
    added.known.reset();
    right_columns.push_back(column.slot);
    results.push_back(added.slot);
    state_.visible.columns.push_back(std::move(added));
  }
  state_.visible.open_schema = state_.visible.open_schema || scope.open_schema;
}

void JoinSides::reportClash(const ScopeColumn& column, const std::string& name, const ScopeColumn& taken) {
  const std::string node = state_.context.pipeline[right].name;
  diag::Diagnostic& diagnostic = state_.context.report(
      Code::ColumnExists, verb_.span, fmt::format("the join brings a column `{}` that is there already", name));
  diagnostic.labels.push_back({column.span, fmt::format("`{}` of `{}`", column.name, node)});
  const auto join = state_.joined.find(taken.slot);
  diagnostic.labels.push_back(join == state_.joined.end() ? diag::Label{taken.span, "the one that is there"} : diag::Label{join->second, "this join brought the one that is there"});
  if (verb_.prefix) {
    diagnostic.help.emplace_back("choose another prefix after `as`");
    return;
  }
  diagnostic.help.push_back(fmt::format("add `as {}` to name it `{}_{}`", node, node, column.name));
  diagnostic.fixes.push_back(
      {fmt::format("add `as {}`", node), {{{verb_.span.file, verb_.span.end, verb_.span.end}, fmt::format(" as {}", node)}}});
}

const ScopeColumn* JoinSides::rightOf(ir::Role role) const { return columnOfRole(scope, role); }

}  // namespace cd4ml::check
