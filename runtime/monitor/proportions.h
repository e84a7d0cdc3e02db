/// Are two shares equal? The z test with the pooled share: of missing values, of rows outside a range.
#pragma once

namespace cd4ml::monitor {

struct ShareTest {
  double difference = 0;  ///< share of the window less that of the reference
  double z = 0;
  double p = 1;           ///< both sides
};

/// `hits` of `rows` on each side; p is 1 where a side has no rows or nothing differs.
[[nodiscard]] ShareTest compareShares(double reference_hits, double reference_rows, double window_hits, double window_rows);

}  // namespace cd4ml::monitor
