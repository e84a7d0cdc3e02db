// Pictures of a line's height, in tables; the numbers stand beside them.
#include <algorithm>
#include <cmath>

#include "runtime/report/chart.h"
#include "runtime/report/svg.h"

namespace cd4ml::report {

namespace {

constexpr double width = 160;
constexpr double height = 20;

/// Outline of bins as steps.
std::vector<std::pair<double, double>> steps(const std::vector<double>& bins, const Scale& x, const Scale& y) {
  std::vector<std::pair<double, double>> out;
  for (std::size_t b = 0; b < bins.size(); ++b) {
    const auto from = static_cast<double>(b);
    out.emplace_back(x(from), y(bins[b]));
    out.emplace_back(x(from + 1), y(bins[b]));
  }
  return out;
}

}  // namespace

std::string limitSpark(const GateCheck& check) {
  if (!check.value || !check.limit || !std::isfinite(*check.value) || !std::isfinite(*check.limit)) return {};
  const double champion = check.champion.value_or(*check.limit);
  const double low = std::min({0.0, *check.value, *check.limit, champion});
  const double high = std::max({0.0, *check.value, *check.limit, champion});
  const Scale x(low, high + (high - low) * 0.08, 2, width - 2);
  Spark out(width, height, "spark");
  out.rectangle(std::min(x(0), x(*check.value)), 6, std::fabs(x(*check.value) - x(0)), 8, check.verdict == "fail" ? "fill-bad" : "fill-now");
  if (check.champion) out.circle(x(champion), 10, 3.5, "ring");
  out.line(x(*check.limit), 1, x(*check.limit), height - 1, "limit");
  return out.finish();
}

std::string rangeSpark(double value, double from, double to, std::optional<double> whole) {
  const Scale x(from, to, 5, width - 5);
  Spark out(width, height, "spark");
  out.line(5, 10, width - 5, 10, "track");
  if (whole) out.line(x(*whole), 3, x(*whole), height - 3, "limit");
  out.circle(x(value), 10, 4, "dot-now");
  return out.finish();
}

std::string changeSpark(double gain, double most) {
  const Scale x(-1, 1, 4, width - 4);
  const double end = x(most > 0 ? gain / most : 0);
  Spark out(width, height, "spark");
  out.rectangle(std::min(x(0), end), 6, std::fabs(end - x(0)), 8, gain < 0 ? "fill-then" : "fill-now");
  out.line(x(0), 1, x(0), height - 1, "limit");
  return out.finish();
}

std::string distributionSpark(const Drift& drift) {
  Spark out(width, 28, "spark");
  if (!drift.bins_then.empty() && drift.bins_then.size() == drift.bins_now.size()) {
    const double most = std::max(*std::max_element(drift.bins_then.begin(), drift.bins_then.end()), *std::max_element(drift.bins_now.begin(), drift.bins_now.end()));
    const Scale x(0, static_cast<double>(drift.bins_then.size()), 1, width - 1);
    // The height is the root of the share: a bin of 2 % shows beside one of 60 %.
    const Scale y(0, std::sqrt(most), 27, 2);
    std::vector<double> now = drift.bins_now;
    for (double& share : now) share = std::sqrt(share);
    for (std::size_t b = 0; b < drift.bins_then.size(); ++b) {
      const double top = y(std::sqrt(drift.bins_then[b]));
      const auto at = static_cast<double>(b);
      if (top < 26.9) out.rectangle(x(at), top, x(at + 1) - x(at) - 0.6, 27 - top, "fill-then");
    }
    out.path(steps(now, x, y), "line-now");
    return out.finish();
  }
  if (drift.levels.empty()) return {};
  const std::size_t count = std::min<std::size_t>(drift.levels.size(), 8);
  double most = 0;
  for (std::size_t l = 0; l < count; ++l) most = std::max({most, drift.levels[l].then, drift.levels[l].now});
  const Scale x(0, static_cast<double>(count), 1, width - 1);
  const Scale y(0, most, 27, 2);
  for (std::size_t l = 0; l < count; ++l) {
    const double from = x(static_cast<double>(l));
    const double half = std::min((x(1) - x(0)) * 0.42, 9.0);
    out.rectangle(from, y(drift.levels[l].then), half, 27 - y(drift.levels[l].then), "fill-then");
    out.rectangle(from + half, y(drift.levels[l].now), half, 27 - y(drift.levels[l].now), "fill-now");
  }
  return out.finish();
}

}  // namespace cd4ml::report
