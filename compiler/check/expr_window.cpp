// `AGG over (…)`, `lag` and `lead`: what is folded is checked as a graph of its own over the folded rows, and every
// aggregate in it becomes a window of the owner, whose result is a column from there on.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "compiler/check/expr_window.h"

namespace cd4ml::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprKind;

namespace {

/// Input slots from here on are `row.x`: columns of the row itself, while the graph of a window is being made.
constexpr std::uint32_t row_marker = 1U << 30U;

/// The values that `root` needs; what aggregates fold is left out with `StopAt::Aggregates`.
enum class StopAt : std::uint8_t { Nothing, Aggregates };
std::vector<bool> neededBy(const ir::Graph& graph, ir::ValueId root, StopAt stop) {
  std::vector<bool> needed(root.index + 1, false);
  needed[root.index] = true;
  for (std::size_t i = needed.size(); i-- > 0;) {
    if (!needed[i] || (stop == StopAt::Aggregates && graph.values[i].op == ir::Op::Aggregate)) continue;
    for (const ir::ValueId argument : graph.values[i].args) needed[argument.index] = true;
  }
  return needed;
}

/// The part of `graph` that `root` needs becomes the window's graph; false: it holds what is no row's own value.
bool copyArgument(const ir::Graph& graph, ir::ValueId root, ir::Window& window) {
  const std::vector<bool> needed = neededBy(graph, root, StopAt::Nothing);
  std::map<std::uint32_t, ir::ValueId> copies;
  std::uint32_t base = 0;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    const ir::Value& value = graph.values[i];
    if (needed[i] && value.op == ir::Op::Input && value.slot < row_marker) base = std::max(base, value.slot + 1);
  }
  window.row_base = base;
  for (std::uint32_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    ir::Value value = graph.values[i];
    if (value.op != ir::Op::Input && value.op != ir::Op::Constant && value.op != ir::Op::Call) return false;
    for (ir::ValueId& argument : value.args) argument = copies[argument.index];
    if (value.op == ir::Op::Input && value.slot >= row_marker) {
      const std::uint32_t own = value.slot - row_marker;
      const auto at = std::ranges::find(window.row_inputs, own);
      value.slot = base + static_cast<std::uint32_t>(at - window.row_inputs.begin());
      if (at == window.row_inputs.end()) window.row_inputs.push_back(own);
    }
    copies[i] = window.graph.add(std::move(value));
  }
  window.argument = copies[root.index];
  return true;
}

/// Of a window over own rows the owner's graph keeps values that nobody needs any more. What they read of the row itself
/// is an ordinary input there, so that the graph is one that can be verified.
void unmarkRow(ir::Graph& graph) {
  for (ir::Value& value : graph.values) {
    if (value.op == ir::Op::Input && value.slot >= row_marker) value.slot -= row_marker;
  }
}

}  // namespace

TypedValue ExpressionWalk::visitOver(const Expr& expr) {
  const Expr& call = tree_[expr.operands[0]];
  const bool in_group = (scope_.place == Place::GroupBy || scope_.place == Place::Window) && !inside_fold_;
  if (scope_.windows == nullptr || in_group) {
    auto& d = diagnostics_.add(Code::MisplacedWindow, expr.span, row_ != nullptr ? "the rows of another node have no windows of their own here"
                                                                                 : "a window belongs to a row, here there is none");
    d.help.push_back("windows stand in `filter`, `derive` and keys of a table, and in `features`");
    return error(expr.span);
  }
  const BuiltinRow* row = call.kind == ExprKind::Call && !call.name.quoted ? findBuiltin(call.name.text) : nullptr;
  const bool steps = call.kind == ExprKind::Call && (call.name.text == "lag" || call.name.text == "lead");
  const auto unnamed = std::ranges::count_if(call.arguments, [](const syntax::Argument& a) { return !a.name || a.name->text != "where"; });
  const bool folds = row != nullptr && isFold(*row, call.operands.size() + static_cast<std::size_t>(unnamed));
  if (!steps && !folds) {
    if (call.kind == ExprKind::Error) return error(expr.span);
    diagnostics_.add(Code::WindowNeedsAggregate, expr.span, "`over` follows an aggregate, `lag` or `lead`")
        .help.push_back("`mean(x) over (by k, last 7d)`, `lag(x) over (by k)`");
    return error(expr.span);
  }
  WindowDraft draft{.expr = expr, .call = call};
  draft.window.span = expr.span;
  if (!findFoldedRows(call, draft) || !findTimes(draft) || !bindKeys(draft)) return error(expr.span);
  if (!(steps ? readStep(draft) : readFrame(draft))) return error(expr.span);
  return steps ? stepWindow(draft) : foldWindow(draft);
}

/// The names inside say whose rows are folded: `orders.amount`, `count(orders)`; else they are the row's own.
bool ExpressionWalk::findFoldedRows(const Expr& call, WindowDraft& draft) {
  const WindowHost& host = *scope_.windows;
  const auto isColumn = [&](const std::string& name) { return scope_.find(name) != nullptr; };
  std::vector<syntax::ExprId> open = call.operands;
  for (const syntax::Argument& argument : call.arguments) {
    const Expr& value = tree_[argument.value];
    open.push_back(argument.value);
    if (value.kind != ExprKind::Reference || argument.name || isColumn(value.name.text)) continue;
    if (host.find(tree_.qualified(value.name)).valid()) draft.folded_name = tree_.qualified(value.name);
  }
  while (!open.empty()) {
    const syntax::ExprId id = open.back();
    const Expr& expr = tree_[id];
    open.pop_back();
    if (expr.kind == ExprKind::Over) continue;
    const std::optional<syntax::NodePath> path = expr.kind == ExprKind::Member ? tree_.nodePath(id) : std::nullopt;
    if (path && path->rest.size() == 1 && !isColumn(path->name) && host.find(path->name).valid()) {
      if (!draft.folded_name.empty() && draft.folded_name != path->name) {
        diagnostics_.add(Code::WindowOfTwoNodes, expr.span, fmt::format("a window folds the rows of one node, this names `{}` and `{}`", draft.folded_name, path->name))
            .help.push_back("write two windows, or join the tables before");
        return false;
      }
      draft.folded_name = path->name;
    }
    open.insert(open.end(), expr.operands.begin(), expr.operands.end());
    for (const syntax::Argument& argument : expr.arguments) open.push_back(argument.value);
  }
  const ir::NodeId node = draft.folded_name.empty() ? ir::NodeId{} : host.find(draft.folded_name);
  if (!node.valid() || node == host.ownNode()) {
    draft.folded = scope_;
    draft.folded.target = nullptr;
  } else {
    draft.window.node = node;
    draft.folded = host.rowsOf(node);
    draft.folded.windows = nullptr;
  }
  draft.folded.place = Place::Window;
  return true;
}

TypedValue ExpressionWalk::visitRowColumn(const Expr& expr) {
  const ScopeColumn* found = row_->scope_.find(expr.name.text);
  if (found == nullptr) {
    if (row_->scope_.open_schema) return error(expr.span);
    auto& d = diagnostics_.add(Code::UnknownColumn, expr.name.span, fmt::format("`{}` has no column `{}`", row_->scope_.owner, expr.name.text));
    std::vector<std::string> names;
    for (const ScopeColumn& column : row_->scope_.columns) names.push_back(column.name);
    for (const std::string& near : diag::nearest(expr.name.text, names)) d.help.push_back(fmt::format("did you mean `row.{}`?", near));
    return error(expr.span);
  }
  if (found->type.isError()) return error(expr.span);
  mergeTaint(row_reads_, found->taint);
  ScopeColumn own = *found;
  own.slot += row_marker;
  own.taint = {};
  return input(own, expr.span);
}

TypedValue ExpressionWalk::foldWindow(WindowDraft& draft) {
  ir::Graph other;
  ir::Graph& graph = draft.window.node.valid() ? other : graph_;
  ExpressionWalk walk(checker_, draft.folded, graph, draft.window.node.valid() ? nullptr : features_);
  walk.row_ = this;
  walk.folded_name_ = draft.folded_name;
  walk.unknown_is_null_ = draft.ahead() && !scope_.unknown_is_left_out;
  TypedValue value = walk.visit(draft.expr.operands[0]);
  if (value.type.isError()) return error(draft.expr.span);
  draft.row_reads = walk.row_reads_;
  const std::vector<bool> needed = neededBy(graph, value.value, StopAt::Aggregates);
  std::map<std::uint32_t, ir::ValueId> copies;
  for (std::uint32_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    ir::Value copied = graph.values[i];
    if (copied.op == ir::Op::Aggregate) {
      const auto slot = takeWindow(draft, graph, copied.args.empty() ? ir::ValueId{} : copied.args[0], copied);
      if (!slot) return error(draft.expr.span);
      copied = {.op = ir::Op::Input, .type = copied.type, .span = draft.expr.span, .slot = *slot};
    }
    for (ir::ValueId& argument : copied.args) argument = copies[argument.index];
    copies[i] = graph_.add(std::move(copied));
  }
  if (row_ == nullptr) unmarkRow(graph_);
  value.value = copies[value.value.index];
  value.taint = windowTaint(draft, std::move(value.taint));
  return value;
}

TypedValue ExpressionWalk::stepWindow(WindowDraft& draft) {
  ir::Graph other;
  ir::Graph& graph = draft.window.node.valid() ? other : graph_;
  ExpressionWalk walk(checker_, draft.folded, graph, draft.window.node.valid() ? nullptr : features_);
  walk.row_ = this;
  walk.folded_name_ = draft.folded_name;
  walk.inside_fold_ = true;
  TypedValue value = walk.visit(draft.call.operands.empty() ? draft.call.arguments[0].value : draft.call.operands[0]);
  if (value.type.isError()) return error(draft.expr.span);
  if (value.type.kind == Kind::Vector || value.type.kind == Kind::Null) {
    return notOfKind(value, "a single value of a row", fmt::format("`{}`", draft.call.name.text));
  }
  draft.row_reads = walk.row_reads_;
  mergeTaint(value.taint, draft.folded.row_taint);
  value.type.nullable = true;
  const ir::Value result{.type = value.type, .name = draft.call.name.text};
  const auto slot = takeWindow(draft, graph, value.value, result);
  if (!slot) return error(draft.expr.span);
  value.value = graph_.add({.op = ir::Op::Input, .type = value.type, .span = draft.expr.span, .slot = *slot});
  value.taint = windowTaint(draft, std::move(value.taint));
  return value;
}

std::optional<std::uint32_t> ExpressionWalk::takeWindow(WindowDraft& draft, const ir::Graph& graph, ir::ValueId argument,
                                                        const ir::Value& aggregate) {
  ir::Window window = draft.window;
  window.aggregate = aggregate.name;
  window.options = aggregate.options;
  window.type = aggregate.type;
  if (argument.valid() && !copyArgument(graph, argument, window)) {
    diagnostics_.add(Code::FittedInWindow, draft.expr.span, "a window folds the rows' own values, this is learned from the training part")
        .help.push_back("fold the plain values, and scale or encode the result: `standardize(mean(x) over (…))`");
    return std::nullopt;
  }
  if (draft.steps() && !window.row_inputs.empty()) {
    diagnostics_.add(Code::WindowFrame, draft.expr.span, fmt::format("`{}` gives a value of another row, and `row.x` is the row's own", draft.call.name.text))
        .help.push_back("use the row's columns outside of it, by their names");
    return std::nullopt;
  }
  return scope_.windows->take(std::move(window));
}

Taint ExpressionWalk::windowTaint(const WindowDraft& draft, Taint argument) const {
  mergeTaint(argument, taintOfRows(draft.folded_keys));
  // Keys choose rows; they make no label of their columns. Nor does what a label reads of its own row to look ahead.
  Taint own = taintOfRows(draft.keys);
  mergeTaint(own, draft.row_reads);
  if (draft.ahead()) {
    for (TaintRead& read : own.reads) read.of = TaintRead::Of::Later;
  }
  Taint taint = draft.ahead() ? taintOfLater(std::move(argument), draft.reaches_us, draft.expr.span)
                              : taintOfEarlier(std::move(argument), draft.keeps_away_us);
  taint.set(TaintBit::Aggregate);
  mergeTaint(taint, own);
  return taint;
}

}  // namespace cd4ml::check
