// Distributions then (grey) and now (accent): bins of a number, levels of a category.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/report/chart.h"
#include "runtime/report/svg.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

namespace {

constexpr double width = 420;
constexpr double height = 220;
constexpr double left = 44;
constexpr double right = width - 8;
constexpr std::size_t most_levels = 8;

std::string description(const Drift& drift) {
  std::string text;
  if (drift.mean_then && drift.mean_now) text = fmt::format("Mean {} then, {} now.", number(drift.mean_then), number(drift.mean_now));
  for (std::size_t l = 0; l < std::min(drift.levels.size(), most_levels); ++l) {
    text += fmt::format("{}{}: {} then, {} now.", text.empty() ? "" : " ", drift.levels[l].name, percent(drift.levels[l].then), percent(drift.levels[l].now));
  }
  return text;
}

std::string numbers(const Drift& drift, const std::string& title, Ids& ids) {
  const double bottom = height - 34;
  const std::size_t count = drift.bins_then.size();
  const double most = std::max(*std::max_element(drift.bins_then.begin(), drift.bins_then.end()), *std::max_element(drift.bins_now.begin(), drift.bins_now.end()));
  const Scale x(drift.low, drift.high, left, right);
  const Scale y(0, most * 1.05, bottom, 10);
  Svg out(width, height, "chart", ids.next(), title, description(drift));
  for (const double t : ticks(0, most * 1.05, 4)) {
    out.line(left, y(t), right, y(t), "grid");
    out.text(left - 6, y(t) + 4, "tick end", fmt::format("{} %", number(t * 100)));
  }
  const double step = (right - left) / static_cast<double>(count);
  std::vector<std::pair<double, double>> outline{{left, bottom}};
  for (std::size_t b = 0; b < count; ++b) {
    const double from = left + step * static_cast<double>(b);
    out.rectangle(from + 0.5, y(drift.bins_then[b]), step - 1, bottom - y(drift.bins_then[b]), "fill-then");
    outline.emplace_back(from, y(drift.bins_now[b]));
    outline.emplace_back(from + step, y(drift.bins_now[b]));
  }
  outline.emplace_back(right, bottom);
  out.path(outline, "line-now area-now");
  out.line(left, bottom, right, bottom, "axis");
  for (const double t : ticks(drift.low, drift.high, 5)) out.text(x(t), bottom + 16, "tick middle", number(t));
  if (drift.mean_then) out.line(x(*drift.mean_then), bottom, x(*drift.mean_then), bottom + 5, "mean-then");
  if (drift.mean_now) out.line(x(*drift.mean_now), bottom, x(*drift.mean_now), bottom + 5, "mean-now");
  return out.finish();
}

std::string levels(const Drift& drift, const std::string& title, Ids& ids) {
  std::vector<Drift::Level> shown = drift.levels;
  std::stable_sort(shown.begin(), shown.end(), [](const auto& a, const auto& b) { return std::fabs(a.now - a.then) > std::fabs(b.now - b.then); });
  if (shown.size() > most_levels) shown.resize(most_levels);
  double most = 0;
  for (const Drift::Level& level : shown) most = std::max({most, level.then, level.now});
  constexpr double names = 110;
  const double row = std::min(34.0, (height - 10) / static_cast<double>(shown.size()));
  const Scale x(0, most, names, width - 126);
  Svg out(width, 10 + row * static_cast<double>(shown.size()), "chart", ids.next(), title, description(drift));
  for (std::size_t l = 0; l < shown.size(); ++l) {
    const double top = 5 + row * static_cast<double>(l);
    const double bar = row * 0.34;
    out.text(names - 8, top + row / 2 + 4, "label end", shortened(shown[l].name, 14));
    out.rectangle(names, top + row * 0.12, x(shown[l].then) - names, bar, "fill-then");
    out.rectangle(names, top + row * 0.12 + bar + 1, x(shown[l].now) - names, bar, "fill-now");
    out.text(width - 2, top + row / 2 + 4, "tick end", fmt::format("{} → {}", percent(shown[l].then), percent(shown[l].now)));
  }
  return out.finish();
}

}  // namespace

std::string distributionChart(const Drift& drift, Ids& ids) {
  const std::string title = drift.segment.empty() ? drift.name : fmt::format("{} where {}", drift.name, drift.segment);
  if (!drift.bins_then.empty() && drift.bins_then.size() == drift.bins_now.size()) return numbers(drift, title, ids);
  return drift.levels.empty() ? std::string() : levels(drift, title, ids);
}

}  // namespace cd4ml::report
