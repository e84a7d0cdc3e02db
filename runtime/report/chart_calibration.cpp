// Promised probability against the share that came true; on the diagonal they agree. Below: how many rows each bin has.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/report/chart.h"
#include "runtime/report/svg.h"
#include "runtime/report/text.h"

namespace cd4ml::report {

std::string calibrationChart(const Calibration& calibration, std::string_view title, Ids& ids) {
  constexpr double width = 380, left = 48, right = 354, top = 10, bottom = 300, floor = 386;
  std::string description = "Promised probability, share that came true, rows: ";
  double most = 0;
  double used = 0.1;
  for (const Calibration::Bin& bin : calibration.bins) {
    description += fmt::format("{}, {}, {}; ", percent(bin.predicted), percent(bin.observed), number(bin.rows));
    most = std::max(most, bin.rows);
    used = std::max({used, bin.high, bin.observed});
  }
  const double end = std::min(1.0, std::ceil(used * 10 - 1e-9) / 10);
  const Scale x(0, end, left, right);
  const Scale y(0, end, bottom, top);
  const Scale rows(0, most, floor, bottom + 30);
  Svg out(width, floor + 34, "chart", ids.next(), title, description);
  for (const double t : ticks(0, end, 5)) {
    out.line(left, y(t), right, y(t), "grid");
    out.text(left - 6, y(t) + 4, "tick end", fmt::format("{} %", number(t * 100)));
    out.text(x(t), floor + 15, "tick middle", fmt::format("{} %", number(t * 100)));
  }
  out.line(x(0), y(0), x(end), y(end), "ideal");
  std::vector<std::pair<double, double>> points;
  for (const Calibration::Bin& bin : calibration.bins) {
    points.emplace_back(x(bin.predicted), y(bin.observed));
    out.rectangle(x(bin.low) + 1, rows(bin.rows), x(bin.high) - x(bin.low) - 2, floor - rows(bin.rows), "fill-then");
  }
  out.path(points, "line-now");
  for (const auto& [px, py] : points) out.circle(px, py, 4, "dot-now");
  out.line(left, bottom, right, bottom, "axis");
  out.line(left, floor, right, floor, "axis");
  out.text(left, floor + 31, "label", "promised probability");
  out.text(left + 6, top + 10, "label", "came true");
  out.text(right, bottom + 26, "label end", fmt::format("rows, at most {}", number(most)));
  return out.finish();
}

}  // namespace cd4ml::report
