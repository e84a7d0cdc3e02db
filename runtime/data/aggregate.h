/// Aggregates over groups of rows: the `fold`s of stdlib/builtins.def.
///
/// Nulls are skipped, NaN propagates. Sums run in row order, so that a result's bits depend on the rows alone.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/value.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

/// Rows by group: group g has rows order[begins[g]] … order[begins[g + 1] - 1], ascending.
struct Groups {
  std::vector<std::int64_t> begins;
  std::vector<std::int32_t> order;
  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(begins.size()) - 1; }
};
/// From the group of each row.
[[nodiscard]] Groups groupRows(std::span<const std::int32_t> group_of_row, std::int64_t groups);
/// All rows in one group.
[[nodiscard]] Groups oneGroup(std::int64_t rows);

struct AggregateRequest {
  std::string name{};                ///< count sum mean std var min max median quantile n_unique mode
  const Column* argument = nullptr;  ///< null: of `count()`
  double share = 0.5;                ///< of quantile
  ir::Type result{};
  Span span{};
};

/// One row a group. Errors: an int sum that overflows, an aggregate that cannot be run yet.
[[nodiscard]] Result<Column> aggregate(const AggregateRequest& request, const Groups& groups);

}  // namespace cd4ml::data
