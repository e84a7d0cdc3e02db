#include "compiler/driver/live_view.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cd4ml::driver {

namespace {

constexpr std::array frames{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::size_t bar_width = 24;

std::string bar(double share) {
  const auto full = static_cast<std::size_t>(share * bar_width + 0.5);
  std::string text;
  for (std::size_t i = 0; i < bar_width; ++i) text += i < full ? "━" : "╌";
  return text;
}

}  // namespace

LiveView::LiveView(const Console& console) : console_(console) {
  if (console.live()) ticker_ = std::thread([this] { tick(); });
}

LiveView::~LiveView() { close(); }

void LiveView::close() {
  if (closed_.exchange(true)) return;
  if (ticker_.joinable()) ticker_.join();
  const std::lock_guard lock(mutex_);
  erase();
}

void LiveView::started(ir::NodeId node, std::string name) {
  const std::lock_guard lock(mutex_);
  if (!console_.live()) console_.note(fmt::format("{}: running\n", name));
  running_[node] = {.name = std::move(name), .what = {}, .start = std::chrono::steady_clock::now()};
}

void LiveView::progress(ir::NodeId node, std::uint64_t done, std::uint64_t total, std::string_view what) {
  const std::lock_guard lock(mutex_);
  const auto it = running_.find(node);
  if (it == running_.end()) return;
  it->second.done = done;
  it->second.total = total;
  it->second.what = what;
}

void LiveView::waiting(ir::NodeId node) {
  const std::lock_guard lock(mutex_);
  const auto it = running_.find(node);
  if (it == running_.end()) return;
  it->second.what = "another run is at work on it";
  if (!console_.live()) console_.note(fmt::format("{}: another run is at work on it; waiting\n", it->second.name));
}

void LiveView::finished(ir::NodeId node) {
  const std::lock_guard lock(mutex_);
  running_.erase(node);
}

void LiveView::say(std::string_view text) {
  const std::lock_guard lock(mutex_);
  erase();
  console_.problem(text);
}

void LiveView::tick() {
  while (!closed_) {
    {
      const std::lock_guard lock(mutex_);
      draw();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(80));
  }
}

void LiveView::erase() {
  if (lines_ == 0) return;
  console_.problem(fmt::format("\x1b[{}A\r\x1b[J", lines_));
  lines_ = 0;
}

void LiveView::draw() {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [node, stage] : running_) {
    // A stage that is over in the blink of an eye needs no line.
    if (std::chrono::steady_clock::now() - stage.start < std::chrono::milliseconds(100)) continue;
    if (shown == 12) break;
    text += line(stage) + "\n";
    ++shown;
  }
  ++frame_;
  if (shown == 0 && lines_ == 0) return;
  erase();
  console_.problem(text);
  lines_ = shown;
}

std::string LiveView::line(const Running& stage) const {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - stage.start).count();
  std::string text = fmt::format("{} {} {}", console_.err(Style::Accent, frames[frame_ % frames.size()]),
                                 console_.err(Style::Strong, padRight(stage.name, 14)), padLeft(secondsText(seconds), 9));
  if (stage.total > 0) {
    const double share = std::min(1.0, static_cast<double>(stage.done) / static_cast<double>(stage.total));
    text += fmt::format("  {} {:3.0f} %", console_.err(Style::Accent, bar(share)), share * 100);
    text += fmt::format("  {}/{}", groupedNumber(stage.done), groupedNumber(stage.total));
    if (share > 0.02 && share < 1 && seconds > 1) text += fmt::format("  {} left", secondsText(seconds * (1 - share) / share));
  }
  if (!stage.what.empty()) text += "  " + console_.err(Style::Dim, stage.what);
  // A line that wraps would not be erased whole.
  return clipped(text, static_cast<std::size_t>(std::max(console_.width(), 2)) - 1);
}

}  // namespace cd4ml::driver
