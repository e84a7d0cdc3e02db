#include "runtime/monitor/proportions.h"

#include <cmath>

#include "runtime/monitor/special_functions.h"

namespace cd4ml::monitor {

ShareTest compareShares(double reference_hits, double reference_rows, double window_hits, double window_rows) {
  ShareTest test;
  if (reference_rows <= 0 || window_rows <= 0) return test;
  test.difference = window_hits / window_rows - reference_hits / reference_rows;
  const double pooled = (reference_hits + window_hits) / (reference_rows + window_rows);
  const double variance = pooled * (1 - pooled) * (1 / reference_rows + 1 / window_rows);
  if (!(variance > 0)) return test;
  test.z = test.difference / std::sqrt(variance);
  test.p = normalTwoSided(test.z);
  return test;
}

}  // namespace cd4ml::monitor
