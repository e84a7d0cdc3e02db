/// Which rows the verbs `dedupe` and `sample` keep, as ascending row numbers.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "runtime/data/column.h"

namespace cd4ml::data {

enum class Keep : std::uint8_t { First, Last };

/// Two rows of one key that stand at the same place in its order and differ in a column.
struct TiedRows {
  std::int32_t row = 0;
  std::int32_t other = 0;
  std::size_t column = 0;  ///< of `compared`
};

struct DedupedRows {
  std::vector<std::int32_t> rows;
  std::optional<TiedRows> tie;  ///< the first in row order; the rows are then worth nothing
};

/// One row a key tuple (null is one value): the first or the last by `by`, in whose order null and NaN come behind every
/// value for both. Rows that tie there must have equal values in `compared`; which of them is kept then decides nothing.
[[nodiscard]] DedupedRows dedupeRows(std::span<const Column> keys, const Column& by, Keep keep, std::span<const Column> compared,
                                     std::int64_t rows);

/// About `share` of the rows: each by a random number of its id (`ids`: the columns of the row id) and `seed`, which is
/// another number than the one by which splits place it.
[[nodiscard]] std::vector<std::int32_t> sampleRows(std::span<const Column> ids, std::int64_t rows, double share, std::uint64_t seed,
                                                   int threads);

}  // namespace cd4ml::data
