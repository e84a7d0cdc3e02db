// The frame of a window: its keys, its times, how far it reaches.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/check/expr_window.h"

namespace cd4ml::check {

using diag::Code;
using syntax::Expr;
using syntax::ExprKind;

namespace {

const ScopeColumn* columnOfRole(const Scope& scope, ir::Role role) {
  for (const ScopeColumn& column : scope.columns) {
    if ((column.roles & static_cast<std::uint8_t>(role)) != 0) return &column;
  }
  return nullptr;
}

}  // namespace

bool ExpressionWalk::findTimes(WindowDraft& draft) {
  const Scope* sides[] = {&scope_, &draft.folded};
  for (const Scope* side : sides) {
    const ScopeColumn* time = columnOfRole(*side, ir::Role::Time);
    if (time == nullptr) {
      if (side->isUnsure()) return false;
      auto& d = diagnostics_.add(Code::WindowNeedsTime, draft.expr.span, fmt::format("a window needs a `@time` column, `{}` has none", side->owner));
      d.cause = "time of " + side->owner;
      d.help.push_back("mark the column where it is declared: `at: timestamp @time`");
      return false;
    }
    if (time->type.isError()) return false;
    (side == &scope_ ? draft.window.current_time : draft.window.folded_time) = time->slot;
  }
  const ScopeColumn* available = columnOfRole(draft.folded, ir::Role::Available);
  if (available != nullptr && available->type.isError()) return false;
  if (available != nullptr) draft.window.folded_available = available->slot;
  draft.window.known_after = delayOf(draft.folded);
  return true;
}

bool ExpressionWalk::bindKeys(WindowDraft& draft) {
  bool good = true;
  for (const syntax::Name& key : draft.expr.window.keys) {
    const ScopeColumn* sides[2] = {nullptr, nullptr};
    const Scope* scopes[2] = {&scope_, &draft.folded};
    for (int s = 0; s < 2; ++s) {
      const auto at = std::ranges::find(scopes[s]->columns, key.text, &ScopeColumn::name);
      if (at != scopes[s]->columns.end()) {
        sides[s] = &*at;
        continue;
      }
      good = false;
      if (scopes[s]->open_schema || (s == 1 && !draft.window.node.valid())) continue;
      auto& d = diagnostics_.add(Code::UnknownColumn, key.span, fmt::format("`{}` has no column `{}`", scopes[s]->owner, key.text));
      std::vector<std::string> names;
      for (const ScopeColumn& column : scopes[s]->columns) names.push_back(column.name);
      for (const std::string& near : diag::nearest(key.text, names)) d.help.push_back(fmt::format("did you mean `{}`?", near));
      if (draft.window.node.valid()) d.help.push_back("the key of a window has one name on both sides; `rename a as b` before");
    }
    if (sides[0] == nullptr || sides[1] == nullptr) continue;
    if (sides[0]->type.isError() || sides[1]->type.isError()) {
      good = false;
      continue;
    }
    if (sides[0]->type.kind != sides[1]->type.kind || sides[0]->type.kind == Kind::Vector) {
      auto& d = diagnostics_.add(Code::TypeMismatch, key.span,
                                 fmt::format("`{}` is {} in `{}` and {} in `{}`", key.text, ir::typeText(sides[0]->type), scope_.owner,
                                             ir::typeText(sides[1]->type), draft.folded.owner));
      d.labels.push_back({sides[0]->span, "its type is declared here"});
      d.labels.push_back({sides[1]->span, "and here"});
      std::erase_if(d.labels, [](const diag::Label& l) { return l.span.empty(); });
      good = false;
      continue;
    }
    draft.window.current_keys.push_back(sides[0]->slot);
    draft.window.folded_keys.push_back(sides[1]->slot);
    mergeTaint(draft.keys, sides[0]->taint);
    mergeTaint(draft.folded_keys, sides[1]->taint);
  }
  return good;
}

std::optional<std::int64_t> ExpressionWalk::durationOf(syntax::ExprId id, std::string_view what) {
  const ir::Type duration{.kind = Kind::Duration};
  const Constant value = checker_.constant(id, &duration);
  if (!value.ok()) return std::nullopt;
  const auto us = std::get<std::int64_t>(value.value.value);
  constexpr std::int64_t longest = std::int64_t{1} << 60;
  if (us >= (what == "gap" ? 0 : 1) && us <= longest) return us;
  diagnostics_.add(Code::OutOfRange, tree_[id].span, fmt::format("`{}` takes a positive duration", what));
  return std::nullopt;
}

bool ExpressionWalk::readFrame(WindowDraft& draft) {
  using Frame = syntax::Window::Frame;
  const syntax::Window& written = draft.expr.window;
  ir::Window& window = draft.window;
  if (written.gap.valid()) {
    const auto gap = durationOf(written.gap, "gap");
    if (!gap) return false;
    window.gap_us = *gap;
  }
  draft.keeps_away_us = window.gap_us;
  if (written.frame == Frame::None) return true;
  if (written.frame == Frame::Previous) {
    const auto rows = checker_.constantInt(written.extent);
    if (!rows) return false;
    if (*rows < 1 || *rows > 1'000'000'000) {
      diagnostics_.add(Code::OutOfRange, tree_[written.extent].span, "`previous` takes a positive number of rows");
      return false;
    }
    window.frame = ir::Window::Frame::Rows;
    window.rows = *rows;
    return true;
  }
  window.frame = ir::Window::Frame::Time;
  if (written.frame == Frame::Next) window.direction = ir::Window::Direction::Ahead;
  const Expr& extent = tree_[written.extent];
  if (extent.kind == ExprKind::Quantity && (extent.text == "mo" || extent.text == "y")) {
    const double months = extent.number * (extent.text == "y" ? 12 : 1);
    if (draft.ahead() || months < 1 || months > 12'000 || months != static_cast<double>(static_cast<std::int32_t>(months))) {
      diagnostics_.add(Code::CalendarDuration, extent.span, "a calendar step of whole months stands after `last`")
          .help.push_back("elsewhere write days: `30d`");
      return false;
    }
    window.extent_months = static_cast<std::int32_t>(months);
    return true;
  }
  const auto reach = durationOf(written.extent, draft.ahead() ? "next" : "last");
  if (!reach) return false;
  window.extent_us = *reach;
  if (!draft.ahead()) return true;
  draft.reaches_us = window.gap_us + window.extent_us;
  window.ends = scope_.windows->endsOf({}, window.current_time);
  if (window.node.valid()) {
    for (const ir::SlotRef& end : scope_.windows->endsOf(window.node, window.folded_time)) window.ends.push_back(end);
  }
  std::ranges::sort(window.ends);
  const auto again = std::ranges::unique(window.ends);
  window.ends.erase(again.begin(), again.end());
  return true;
}

/// `lag(x)`, `lag(x, 3 rows)`, `lag(x, 7d)`.
bool ExpressionWalk::readStep(WindowDraft& draft) {
  ir::Window& window = draft.window;
  const Expr& call = draft.call;
  window.direction = call.name.text == "lead" ? ir::Window::Direction::Ahead : ir::Window::Direction::Back;
  window.frame = ir::Window::Frame::RowAt;
  window.rows = 1;
  std::vector<syntax::ExprId> arguments = call.operands;
  bool named = false;
  for (const syntax::Argument& argument : call.arguments) {
    arguments.push_back(argument.value);
    named = named || argument.name.has_value();
  }
  const bool framed = draft.expr.window.frame != syntax::Window::Frame::None || draft.expr.window.gap.valid();
  if (named || framed || arguments.empty() || arguments.size() > 2) {
    diagnostics_.add(Code::WindowFrame, draft.expr.span, fmt::format("`{}` takes a value and how far away its row is, `over` its keys", call.name.text))
        .help.push_back(fmt::format("`{0}(x) over (by k)`, `{0}(x, 3 rows) over (by k)`, `{0}(x, 7d) over (by k)`", call.name.text));
    return false;
  }
  if (arguments.size() == 1) return true;
  const Expr& step = tree_[arguments[1]];
  if (step.kind == ExprKind::Quantity && step.text == "rows") {
    window.rows = step.integer;
    if (window.rows > 0 && window.rows <= 1'000'000'000) return true;
    diagnostics_.add(Code::OutOfRange, step.span, fmt::format("`{}` takes a positive number of rows", call.name.text));
    return false;
  }
  const auto away = durationOf(arguments[1], call.name.text);
  if (!away) return false;
  window.frame = ir::Window::Frame::TimeAt;
  window.rows = 0;
  window.extent_us = *away;
  (draft.ahead() ? draft.reaches_us : draft.keeps_away_us) = *away;
  return true;
}

}  // namespace cd4ml::check
