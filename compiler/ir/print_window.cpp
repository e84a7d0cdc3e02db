#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/ir/window_text.h"

namespace cd4ml::ir {

std::string slotText(std::uint32_t slot) { return slot == no_slot ? "none" : fmt::format("{}", slot); }

std::string availableText(std::uint32_t slot, const Period& known_after) {
  return known_after.isZero() ? slotText(slot) : fmt::format("after {} {}", known_after.us, known_after.months);
}

std::string_view frameText(Window::Frame frame) {
  switch (frame) {
    case Window::Frame::Time: return "time";
    case Window::Frame::Rows: return "rows";
    case Window::Frame::All: return "all";
    case Window::Frame::RowAt: return "row_at";
    case Window::Frame::TimeAt: return "time_at";
  }
  return {};
}

std::string endsText(const std::vector<SlotRef>& ends) {
  std::string text;
  for (const SlotRef& end : ends) text += fmt::format("{}#{} {}", text.empty() ? "" : ", ", end.node.index, end.slot);
  return text;
}

std::vector<std::string> windowLines(const Window& window) {
  std::vector<std::string> lines;
  const std::string node = window.node.valid() ? fmt::format("#{}", window.node.index) : "own";
  lines.push_back(fmt::format("{} : {} of {}", window.aggregate, typeText(window.type), node));
  lines.push_back(fmt::format("  frame {} {} gap {} extent {} months {} rows {}", frameText(window.frame),
                              window.direction == Window::Direction::Back ? "back" : "ahead", window.gap_us, window.extent_us,
                              window.extent_months, window.rows));
  lines.push_back(fmt::format("  keys [{}] [{}] times {} {} available {} row {} [{}] ends [{}]", fmt::join(window.current_keys, ", "),
                              fmt::join(window.folded_keys, ", "), slotText(window.current_time), slotText(window.folded_time),
                              availableText(window.folded_available, window.known_after), window.row_base, fmt::join(window.row_inputs, ", "),
                              endsText(window.ends)));
  for (const Literal& option : window.options) lines.push_back("  setting " + literalText(option));
  const std::string graph = printGraph(window.graph);
  for (std::size_t at = 0; at < graph.size();) {
    const std::size_t end = graph.find('\n', at);
    lines.push_back("  fold " + graph.substr(at, end - at));
    at = end + 1;
  }
  if (window.argument.valid()) lines.push_back(fmt::format("  argument %{}", window.argument.index));
  return lines;
}

}  // namespace cd4ml::ir
