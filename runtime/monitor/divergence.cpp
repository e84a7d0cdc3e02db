#include "runtime/monitor/divergence.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cd4ml::monitor {

namespace {

double term(double p, double q) {
  if (p <= 0) return 0;
  return q > 0 ? p * std::log(p / q) : std::numeric_limits<double>::infinity();
}

}  // namespace

double relativeEntropy(std::span<const double> reference, std::span<const double> window) {
  const double n = std::accumulate(reference.begin(), reference.end(), 0.0);
  const double m = std::accumulate(window.begin(), window.end(), 0.0);
  double sum = 0;
  for (std::size_t l = 0; l < reference.size(); ++l) sum += term(reference[l] / n, window[l] / m);
  return sum;
}

double jensenShannonDivergence(std::span<const double> reference, std::span<const double> window) {
  const double n = std::accumulate(reference.begin(), reference.end(), 0.0);
  const double m = std::accumulate(window.begin(), window.end(), 0.0);
  if (n <= 0 || m <= 0) return 0;
  double sum = 0;
  for (std::size_t l = 0; l < reference.size(); ++l) {
    const double p = reference[l] / n;
    const double q = window[l] / m;
    const double middle = (p + q) / 2;
    sum += term(p, middle) + term(q, middle);
  }
  return std::max(0.0, sum / 2);
}

double jensenShannonDistance(std::span<const double> reference, std::span<const double> window) {
  return std::sqrt(jensenShannonDivergence(reference, window));
}

}  // namespace cd4ml::monitor
