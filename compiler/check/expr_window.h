/// A window while it is resolved. Internal to the expression checker.
#pragma once

#include "compiler/check/expr_walk.h"

namespace cd4ml::check {

struct ExpressionWalk::WindowDraft {
  const syntax::Expr& expr;           ///< the `over`
  const syntax::Expr& call;           ///< what is folded: an aggregate, `lag`, `lead`
  ir::Window window{};
  std::string folded_name{};          ///< of the node whose rows are folded; empty: the row's own
  Scope folded{};                     ///< the columns of the folded rows
  Taint keys{};                       ///< of the keys of the row itself
  Taint folded_keys{};
  Taint row_reads{};                  ///< of `row.x`
  std::int64_t keeps_away_us = 0;     ///< the folded rows lie at least so far before the row
  std::int64_t reaches_us = 0;        ///< ahead: the folded rows lie at most so far after it
  [[nodiscard]] bool ahead() const { return window.direction == ir::Window::Direction::Ahead; }
  [[nodiscard]] bool steps() const { return call.name.text == "lag" || call.name.text == "lead"; }
};

}  // namespace cd4ml::check
