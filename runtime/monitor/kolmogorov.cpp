#include "runtime/monitor/kolmogorov.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/internal_check.h"
#include "runtime/monitor/special_functions.h"

namespace cd4ml::monitor {

namespace {

constexpr std::int64_t most_paths = 10'000'000;

/// The chance that a random path from (0, 0) to (n, m) reaches a distance of at least `h` / lcm(n, m): each point's chance
/// of having been outside, given that all orders of the two samples are equally likely.
double pathsOutside(std::int64_t n, std::int64_t m, std::int64_t h) {
  const std::int64_t common = std::gcd(n, m);
  const std::int64_t step_n = m / common;  // i/n - j/m = (i step_n - j step_m) / lcm
  const std::int64_t step_m = n / common;
  // outside[j]: of all paths from (i, j) to the end, the share that gets outside somewhere from there on.
  std::vector<double> outside(static_cast<std::size_t>(m) + 1, 0.0);
  for (std::int64_t i = n; i >= 0; --i) {
    for (std::int64_t j = m; j >= 0; --j) {
      const auto at = static_cast<std::size_t>(j);
      if (std::llabs(i * step_n - j * step_m) >= h) {
        outside[at] = 1.0;
        continue;
      }
      const auto right = static_cast<double>(n - i);
      const auto up = static_cast<double>(m - j);
      if (right + up == 0) {
        outside[at] = 0.0;
        continue;
      }
      const double by_right = right > 0 ? outside[at] * right : 0.0;
      const double by_up = up > 0 ? outside[at + 1] * up : 0.0;
      outside[at] = (by_right + by_up) / (right + up);
    }
  }
  return outside[0];
}

}  // namespace

double kolmogorovDistance(std::span<const double> a, std::span<const double> b) {
  CD4ML_CHECK(!a.empty() && !b.empty());
  std::size_t i = 0;
  std::size_t j = 0;
  double greatest = 0;
  while (i < a.size() && j < b.size()) {
    const double at = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
    greatest = std::max(greatest, std::fabs(static_cast<double>(i) / static_cast<double>(a.size()) -
                                            static_cast<double>(j) / static_cast<double>(b.size())));
  }
  return greatest;
}

double kolmogorovP(double d, std::int64_t n, std::int64_t m) {
  CD4ML_CHECK(n > 0 && m > 0);
  if (d <= 0) return 1;
  if (n <= most_paths / m) {
    const std::int64_t all = n / std::gcd(n, m) * m;
    const std::int64_t h = std::llround(d * static_cast<double>(all));
    return h <= 0 ? 1.0 : std::clamp(pathsOutside(n, m, h), 0.0, 1.0);
  }
  const double size = static_cast<double>(n) * static_cast<double>(m) / static_cast<double>(n + m);
  return kolmogorovTail(std::sqrt(size) * d);
}

}  // namespace cd4ml::monitor
