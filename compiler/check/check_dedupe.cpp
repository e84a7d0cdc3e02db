// Verbs that keep some of the rows: `dedupe`, `sample`.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/table_state.h"

namespace cd4ml::check {
namespace {

using diag::Code;

/// The column that decides which row of a key is kept; null: it was reported, or the columns are not known.
const ScopeColumn* orderOf(TableState& state, const syntax::DedupeVerb& verb) {
  if (verb.by) return state.require(*verb.by);
  for (const ScopeColumn& column : state.visible.columns) {
    if ((column.roles & static_cast<std::uint8_t>(ir::Role::Time)) != 0) return &column;
  }
  if (state.visible.open_schema) return nullptr;
  diag::Diagnostic& diagnostic = state.context.report(
      Code::DedupeOrder, verb.span, fmt::format("`dedupe` keeps the {} row by time, and `{}` has no `@time` column here", verb.keep_last ? "last" : "first", state.visible.owner));
  diagnostic.help.push_back(fmt::format("say what decides: `keep {} by COLUMN`", verb.keep_last ? "last" : "first"));
  return nullptr;
}

void rejectVector(TableState& state, const ScopeColumn& column, Span span) {
  if (column.type.kind != ir::Kind::Vector) return;
  state.context.report(Code::TypeMismatch, span, fmt::format("`dedupe` goes by single values, `{}` is {}", column.name, ir::typeText(column.type)))
      .labels.push_back({column.span, fmt::format("`{}` is declared here", column.name)});
}

}  // namespace

void checkDedupe(TableState& state, const syntax::DedupeVerb& verb) {
  ir::DedupeOp op{.keys = {}, .by = 0, .keep_last = verb.keep_last, .span = verb.span};
  Taint decides;
  bool complete = true;
  for (const syntax::Name& name : verb.keys) {
    const ScopeColumn* key = state.require(name);
    complete = complete && key != nullptr;
    if (key == nullptr) continue;
    rejectVector(state, *key, name.span);
    mergeTaint(decides, key->taint);
    if (std::find(op.keys.begin(), op.keys.end(), key->slot) == op.keys.end()) {
      op.keys.push_back(key->slot);
      op.names.push_back(name.text);
    } else if (!key->type.isError()) {
      state.context.report(Code::DuplicateColumn, name.span, fmt::format("`{}` is a key of this `dedupe` already", name.text));
    }
  }
  const ScopeColumn* by = orderOf(state, verb);
  if (by != nullptr) {
    rejectVector(state, *by, verb.by ? verb.by->span : verb.span);
    mergeTaint(decides, by->taint);
    op.by = by->slot;
    op.names.push_back(by->name);
  }
  mergeTaint(state.visible.row_taint, taintOfRows(decides));
  if (complete && by != nullptr) state.table.ops.emplace_back(std::move(op));
}

void checkSample(TableState& state, const syntax::SampleVerb& verb) {
  if (!verb.share.valid()) return;
  const std::optional<double> share = state.context.expressions.constantNumber(verb.share);
  if (!share) return;
  if (*share <= 0 || *share > 1) {
    state.context.report(Code::BadShare, state.context.span(verb.share), fmt::format("`sample` keeps a share of the rows, `{}` is none", state.context.text(verb.share)))
        .help.emplace_back("write a percent above 0% and up to 100%");
    return;
  }
  state.table.ops.emplace_back(ir::SampleOp{.share = *share, .seed = state.samples++, .ids = state.rowId(), .span = verb.span});
}

}  // namespace cd4ml::check
