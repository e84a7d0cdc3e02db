// A metric window by window. Windows without a value leave a gap.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/report/chart.h"
#include "runtime/report/svg.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

std::string seriesChart(const Series& series, Ids& ids) {
  constexpr double width = 460, height = 190, left = 52, right = width - 14, top = 12, bottom = height - 34;
  double low = series.limit.value_or(INFINITY), high = series.limit.value_or(-INFINITY);
  std::string description;
  for (const auto& [label, value] : series.points) {
    if (!value || !std::isfinite(*value)) continue;
    low = std::min(low, *value);
    high = std::max(high, *value);
    description += fmt::format("{}: {}; ", label, number(value));
  }
  if (description.empty()) return {};
  if (series.limit) description += fmt::format("limit {}", number(series.limit));
  const double room = high > low ? (high - low) * 0.12 : std::max(std::fabs(high) * 0.1, 1e-6);
  const Scale y(low - room, high + room, bottom, top);
  const auto last = static_cast<double>(std::max<std::size_t>(series.points.size(), 2) - 1);
  const Scale x(0, last, left + 8, right - 8);
  Svg out(width, height, "chart", ids.next(), series.name, description);
  for (const double t : ticks(y.from(), y.to(), 4)) {
    out.line(left, y(t), right, y(t), "grid");
    out.text(left - 6, y(t) + 4, "tick end", number(t));
  }
  if (series.limit) {
    out.line(left, y(*series.limit), right, y(*series.limit), "limit-line");
    out.text(right, y(*series.limit) - 5, "label end", fmt::format("limit {}", number(series.limit)));
  }
  std::vector<std::pair<double, double>> run;
  std::vector<std::pair<double, double>> dots;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const auto& value = series.points[i].second;
    if (value && std::isfinite(*value)) {
      run.emplace_back(x(static_cast<double>(i)), y(*value));
      dots.push_back(run.back());
      continue;
    }
    if (run.size() > 1) out.path(run, "line-now");
    run.clear();
  }
  if (run.size() > 1) out.path(run, "line-now");
  for (const auto& [px, py] : dots) out.circle(px, py, 3.5, "dot-now");
  out.line(left, bottom, right, bottom, "axis");
  out.text(left, bottom + 17, "tick", shortened(series.points.front().first, 24));
  if (series.points.size() > 1) out.text(right, bottom + 17, "tick end", shortened(series.points.back().first, 24));
  return out.finish();
}

}  // namespace cd4ml::report
