/// The part of each row, and of training rows the fold, by the rules of semantics.md: a function of the row's own values
/// (by time: of all times), never of row order.
#pragma once

#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// Parts of the rows of a split's `from` node, a byte each (split_rows.h says what the bytes mean).
[[nodiscard]] Result<data::Column> assignParts(Run& run, const ir::Split& split);

/// The place of each row in 2^64: of all rows of a group one, of stratified rows one for stratum and row together. Not of
/// a split by time.
[[nodiscard]] Result<std::vector<std::uint64_t>> placesOf(Run& run, const ir::Split& split);

/// One number a row that depends on the values of `columns` alone: rows with equal values have equal numbers.
[[nodiscard]] std::vector<std::uint64_t> valueIds(std::span<const data::Column> columns, int threads);

}  // namespace cd4ml::engine
