#include "runtime/monitor/contingency.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/internal_check.h"
#include "runtime/monitor/special_functions.h"

namespace cd4ml::monitor {

namespace {

double sumOf(std::span<const double> counts) { return std::accumulate(counts.begin(), counts.end(), 0.0); }

}  // namespace

ContingencyResult contingency(std::span<const double> reference, std::span<const double> window) {
  CD4ML_CHECK(reference.size() == window.size());
  const double n = sumOf(reference);
  const double m = sumOf(window);
  ContingencyResult result;
  if (n <= 0 || m <= 0) return result;
  int levels = 0;
  for (std::size_t l = 0; l < reference.size(); ++l) {
    const double both = reference[l] + window[l];
    if (both <= 0) continue;
    ++levels;
    const double expected_reference = both * n / (n + m);
    const double expected_window = both * m / (n + m);
    result.statistic += (reference[l] - expected_reference) * (reference[l] - expected_reference) / expected_reference +
                        (window[l] - expected_window) * (window[l] - expected_window) / expected_window;
  }
  result.degrees = levels - 1;
  if (levels > 1) result.p = chiSquaredTail(result.statistic, result.degrees);
  return result;
}

PooledCounts poolRare(std::span<const double> reference, std::span<const double> window, double least, Unlisted unlisted) {
  const double n = sumOf(reference) + unlisted.reference;
  const double m = sumOf(window) + unlisted.window;
  PooledCounts out;
  double rest_reference = unlisted.reference;
  double rest_window = unlisted.window;
  if (rest_reference + rest_window > 0) out.pooled = 1;
  for (std::size_t l = 0; l < reference.size(); ++l) {
    const double both = reference[l] + window[l];
    if (both <= 0) continue;
    if (both * std::min(n, m) / (n + m) >= least) {
      out.reference.push_back(reference[l]);
      out.window.push_back(window[l]);
      continue;
    }
    rest_reference += reference[l];
    rest_window += window[l];
    ++out.pooled;
  }
  if (out.pooled == 0) return out;
  // A rest that is itself too rare would spoil what pooling is for: it joins the rarest level that stands alone.
  const bool thin = (rest_reference + rest_window) * std::min(n, m) / (n + m) < least;
  if (thin && !out.reference.empty()) {
    std::size_t rarest = 0;
    for (std::size_t l = 1; l < out.reference.size(); ++l) {
      if (out.reference[l] + out.window[l] < out.reference[rarest] + out.window[rarest]) rarest = l;
    }
    rest_reference += out.reference[rarest];
    rest_window += out.window[rarest];
    out.reference.erase(out.reference.begin() + static_cast<std::ptrdiff_t>(rarest));
    out.window.erase(out.window.begin() + static_cast<std::ptrdiff_t>(rarest));
    ++out.pooled;
  }
  out.reference.push_back(rest_reference);
  out.window.push_back(rest_window);
  return out;
}

double totalVariation(std::span<const double> reference, std::span<const double> window) {
  const double n = sumOf(reference);
  const double m = sumOf(window);
  if (n <= 0 || m <= 0) return 0;
  double sum = 0;
  for (std::size_t l = 0; l < reference.size(); ++l) sum += std::fabs(reference[l] / n - window[l] / m);
  return sum / 2;
}

double cramersV(const ContingencyResult& result, double rows) {
  if (result.degrees < 1 || rows <= 1) return 0;
  const double levels = result.degrees + 1;
  const double corrected = std::max(0.0, result.statistic / rows - result.degrees / (rows - 1));
  const double columns = levels - (levels - 1) * (levels - 1) / (rows - 1);
  const double two = 2 - 1 / (rows - 1);
  return std::sqrt(corrected / std::min(columns - 1, two - 1));
}

}  // namespace cd4ml::monitor
