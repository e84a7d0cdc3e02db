/// Fitted statistics of one column over the training rows.
///
/// Nulls and non-finite values are skipped and counted. Sums have a fixed shape (lane = position in the training set
/// modulo 8, blocks folded pairwise), so the bits depend on the rows alone.
#pragma once

#include <span>
#include <string_view>

#include "base/result.h"
#include "runtime/features/execute.h"

namespace cd4ml::features {

/// Row number of the i-th training row.
[[nodiscard]] inline std::int64_t trainRow(const RowSet& train, std::int64_t i) {
  return train.indices.empty() ? train.begin + i : train.indices[static_cast<std::size_t>(i)];
}

/// The statistic `fit.name` of `column` (null: of the rows themselves, for `count()`).
[[nodiscard]] Result<score::FittedValue> fitStatistic(const ir::Value& fit, const score::ColumnView* column, const RowSet& train);

}  // namespace cd4ml::features
