#include "compiler/plan/window_words.h"

#include <fmt/format.h>

#include "compiler/plan/expression_text.h"

namespace cd4ml::plan {

namespace {

std::string durationWords(std::int64_t us) {
  constexpr std::pair<std::int64_t, const char*> units[] = {{86'400'000'000, "d"}, {3'600'000'000, "h"}, {60'000'000, "min"}, {1'000'000, "s"}, {1'000, "ms"}};
  for (const auto& [unit, name] : units) {
    if (us % unit == 0) return fmt::format("{}{}", us / unit, name);
  }
  return fmt::format("{}us", us);
}

std::string reachWords(const ir::Window& window) {
  const bool ahead = window.direction == ir::Window::Direction::Ahead;
  switch (window.frame) {
    case ir::Window::Frame::Time:
      if (window.extent_months > 0) return fmt::format("last {}mo", window.extent_months);
      return fmt::format("{} {}", ahead ? "next" : "last", durationWords(window.extent_us));
    case ir::Window::Frame::Rows: return fmt::format("previous {} rows", window.rows);
    case ir::Window::Frame::All:
    case ir::Window::Frame::RowAt:
    case ir::Window::Frame::TimeAt: break;
  }
  return {};
}

}  // namespace

std::string windowWords(const ir::Pipeline& pipeline, const ir::Window& window, const std::function<std::string(std::uint32_t)>& own) {
  const auto folded = [&](std::uint32_t slot) -> std::string {
    if (slot >= window.row_base && window.argument.valid()) return "row." + own(window.row_inputs[slot - window.row_base]);
    if (!window.node.valid()) return own(slot);
    const ir::Node& node = pipeline[window.node];
    return node.name + "." + node.columns[slot].name;
  };
  std::string text = window.aggregate + "(";
  const bool rows_themselves = window.argument.valid() && window.graph[window.argument].op == ir::Op::Constant;
  if (rows_themselves && window.node.valid()) text += pipeline[window.node].name;
  if (window.argument.valid() && !rows_themselves) text += expressionText(window.graph, window.argument, folded);
  if (window.frame == ir::Window::Frame::RowAt && window.rows != 1) text += fmt::format(", {} rows", window.rows);
  if (window.frame == ir::Window::Frame::TimeAt) text += ", " + durationWords(window.extent_us);
  text += ") over (";
  std::string inside;
  const auto add = [&](const std::string& piece) {
    if (!piece.empty()) inside += (inside.empty() ? "" : ", ") + piece;
  };
  for (std::size_t k = 0; k < window.current_keys.size(); ++k) add((k == 0 ? "by " : "") + own(window.current_keys[k]));
  if (window.gap_us != 0) add("gap " + durationWords(window.gap_us));
  add(reachWords(window));
  return text + inside + ")";
}

}  // namespace cd4ml::plan
