/// Which part each row belongs to.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/data/column.h"
#include "runtime/features/execute.h"

namespace cd4ml::engine {

/// A row in no part: in a gap, or without a time. Else its byte is the number of its part, or with folds, of a training
/// row, kFirstFold plus the number of its fold (by time the oldest training rows are in none).
constexpr std::uint8_t kNoPart = 255;
constexpr std::uint8_t kFirstFold = 16;

/// Where a split by time cuts: part p has the times in [from[p], to[p]); µs.
struct TimeCuts {
  std::vector<std::int64_t> from;
  std::vector<std::int64_t> to;
};
/// Cuts at time stamps, so that equal times fall on one side. `times` (µs) in any order, nulls left out.
[[nodiscard]] TimeCuts cutTimes(const ir::Split& split, std::vector<std::int64_t> times);

/// Upper ends of the shares of a split by random, of 2^64; the last takes all.
[[nodiscard]] std::vector<std::uint64_t> shareEnds(const ir::Split& split);

/// µs of a timestamp, or midnight of a date.
[[nodiscard]] std::int64_t eventTime(ir::Kind kind, std::int64_t value);

/// The rows of each part of `split` that are assigned to it in `assignment` (one uint8 a row).
[[nodiscard]] std::vector<features::RowSet> partRows(const ir::Split& split, const data::Column& assignment);
/// The rows of one fold.
[[nodiscard]] features::RowSet foldRows(const data::Column& assignment, std::int32_t fold);
/// The rows of all folds.
[[nodiscard]] features::RowSet allFoldRows(const data::Column& assignment);
/// The rows of one part; training rows whatever their fold.
[[nodiscard]] features::RowSet rowsOf(const data::Column& assignment, std::uint8_t part);
/// Row numbers of a row set.
[[nodiscard]] std::vector<std::int32_t> rowNumbers(const features::RowSet& rows);

}  // namespace cd4ml::engine
