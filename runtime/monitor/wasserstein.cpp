#include "runtime/monitor/wasserstein.h"

#include <algorithm>
#include <cmath>

#include "base/internal_check.h"

namespace cd4ml::monitor {

double wasserstein(std::span<const double> a, std::span<const double> b) {
  CD4ML_CHECK(!a.empty() && !b.empty());
  const double step_a = 1.0 / static_cast<double>(a.size());
  const double step_b = 1.0 / static_cast<double>(b.size());
  std::size_t i = 0;
  std::size_t j = 0;
  double at = std::min(a[0], b[0]);
  double area = 0;
  while (i < a.size() || j < b.size()) {
    const double next = j == b.size() || (i < a.size() && a[i] <= b[j]) ? a[i] : b[j];
    // Counts times steps rather than running sums: no error piles up.
    const double gap = static_cast<double>(i) * step_a - static_cast<double>(j) * step_b;
    area += std::fabs(gap) * (next - at);
    at = next;
    while (i < a.size() && a[i] == at) ++i;
    while (j < b.size() && b[j] == at) ++j;
  }
  return area;
}

double quantileOf(std::span<const double> rising, double share) {
  CD4ML_CHECK(!rising.empty());
  const double place = share * static_cast<double>(rising.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= rising.size()) return rising.back();
  const double part = place - static_cast<double>(below);
  return rising[below] + part * (rising[below + 1] - rising[below]);
}

Clip wideClip(std::span<const double> rising) {
  const double low = quantileOf(rising, 0.001);
  const double high = quantileOf(rising, 0.999);
  if (high > low) return {2 * low - high, 2 * high - low};
  const double range = rising.back() - rising.front();
  return {rising.front() - range, rising.back() + range};
}

double wassersteinEffect(std::vector<double> reference, std::vector<double> window) {
  std::sort(reference.begin(), reference.end());
  std::sort(window.begin(), window.end());
  const Clip clip = wideClip(reference);
  for (double& x : reference) x = std::clamp(x, clip.low, clip.high);
  for (double& x : window) x = std::clamp(x, clip.low, clip.high);
  double mean = 0;
  for (const double x : reference) mean += x;
  mean /= static_cast<double>(reference.size());
  double squares = 0;
  for (const double x : reference) squares += (x - mean) * (x - mean);
  return wasserstein(reference, window) / std::sqrt(squares / static_cast<double>(reference.size()));
}

}  // namespace cd4ml::monitor
