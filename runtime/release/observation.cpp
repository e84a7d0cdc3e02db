#include "runtime/release/observation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cd4ml::release {

double LatencyCounts::bound(std::size_t i) { return std::exp2(static_cast<double>(i + 1) / 4); }

void LatencyCounts::add(double microseconds) {
  // Of the bucket that `bound` closes: log2 times four, rounded up.
  const double place = microseconds <= 1 ? 0 : std::ceil(4 * std::log2(microseconds)) - 1;
  ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(buckets - 1)))];
}

std::uint64_t LatencyCounts::count() const { return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}); }

std::uint64_t LatencyCounts::above(double microseconds) const {
  std::uint64_t out = 0;
  for (std::size_t i = 1; i < buckets; ++i) out += bound(i - 1) >= microseconds ? counts[i] : 0;
  return out;
}

double LatencyCounts::quantile(double p) const {
  const std::uint64_t all = count();
  const auto rank = static_cast<std::uint64_t>(std::ceil(p * static_cast<double>(all)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets; ++i) {
    seen += counts[i];
    if (seen > 0 && seen >= rank) return bound(i);
  }
  return 0;
}

double Moments::variance() const {
  if (n < 2) return 0;
  const double m = mean();
  return std::max(0.0, squares / static_cast<double>(n) - m * m);
}

}  // namespace cd4ml::release
