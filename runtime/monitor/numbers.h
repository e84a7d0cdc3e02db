/// The distribution of a numeric column as a bundle keeps it, and a window's rows counted into its bins.
///
/// Bins lie between the quantiles of the reference (1,025 of them, equal ones once) and on to the ends of the wide clip.
/// Of each bin the count and the mean are kept, so the area between two distribution functions is exact but for a crossing
/// inside a bin. Values beyond the clip count at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/monitor/null_table.h"
#include "runtime/monitor/wasserstein.h"
#include "runtime/score/column_view.h"

namespace cd4ml::monitor {

struct NumberBaseline {
  double count = 0;             ///< finite values that it was made from
  double mean = 0, std = 0;     ///< of the clipped values; std over count
  double min = 0, max = 0;
  double beyond = 0;            ///< values beyond the clip
  Clip clip;
  std::vector<double> edges;    ///< bin b is [edges[b], edges[b + 1]); the last one holds its end too
  std::vector<double> counts;
  std::vector<double> means;    ///< of the values in a bin; the middle of an empty one
  NullTable null;

  [[nodiscard]] std::size_t bins() const { return edges.empty() ? 0 : edges.size() - 1; }
  [[nodiscard]] bool constant() const { return std <= 0; }
  /// The share of its rows below each inner edge of bins.
  [[nodiscard]] double quantile(double share) const;
};

/// Whether a column's values are numbers to watch.
[[nodiscard]] bool isNumber(ir::Kind kind);

/// Finite values of a column as numbers; how many were null and how many not finite.
struct Values {
  std::vector<double> finite;
  std::int64_t nulls = 0;
  std::int64_t not_finite = 0;
};
[[nodiscard]] Values valuesOf(const score::ColumnView& column);

/// Everything but the null table. `rising` is not empty; the grid has `steps` steps of like shares.
[[nodiscard]] NumberBaseline describeNumbers(std::vector<double> rising, std::size_t steps = 1024);

/// A window in the bins of its baseline.
struct NumberCounts {
  std::vector<double> counts;
  std::vector<double> sums;    ///< of the clipped values
  double count = 0;            ///< finite values
  double nulls = 0, not_finite = 0;
  double beyond = 0;           ///< values beyond the clip
  double min = 0, max = 0, mean = 0, std = 0;  ///< as they are, not clipped
};
[[nodiscard]] NumberCounts countNumbers(const score::ColumnView& column, const NumberBaseline& baseline);

/// Area between the distribution functions over σ of the reference. Infinite for a constant reference that moved.
[[nodiscard]] double earthMoved(const NumberBaseline& baseline, const NumberCounts& window);
/// Greatest distance of the distribution functions at the edges.
[[nodiscard]] double greatestDistance(const NumberBaseline& baseline, const NumberCounts& window);

/// Both sides in about `wanted` groups of neighbouring bins, of like shares of the reference.
struct Grouped {
  std::vector<double> reference;
  std::vector<double> window;
};
[[nodiscard]] Grouped groupBins(const NumberBaseline& baseline, const NumberCounts& window, std::size_t wanted);

}  // namespace cd4ml::monitor
