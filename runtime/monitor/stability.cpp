#include "runtime/monitor/stability.h"

#include <cmath>
#include <numeric>

namespace cd4ml::monitor {

double stabilityIndex(std::span<const double> reference, std::span<const double> window, double floor) {
  const double n = std::accumulate(reference.begin(), reference.end(), 0.0);
  const double m = std::accumulate(window.begin(), window.end(), 0.0);
  if (n <= 0 || m <= 0) return 0;
  double sum = 0;
  for (std::size_t b = 0; b < reference.size(); ++b) {
    const double p = reference[b] > 0 ? reference[b] / n : floor;
    const double q = window[b] > 0 ? window[b] / m : floor;
    sum += (q - p) * std::log(q / p);
  }
  return sum;
}

}  // namespace cd4ml::monitor
