/// As-of matching: for each left row the latest right row with equal keys that is known at the left row's time.
///
/// Known means: the right row's time is at or before `t - ahead` (before it, with `strictly_before`), and so is the time at
/// which it became available, where there is such a column. The latest is that of the latest time; of several with one
/// time, the one that became available last. What is still equal then is a tie: it decides nothing where the values that
/// are asked for are equal, and is the caller's error where they are not. Null keys and null times match nothing.
#pragma once

#include <optional>
#include <vector>

#include "compiler/ir/window.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

struct AsOfRequest {
  std::vector<Column> left_keys, right_keys;  ///< of equal kinds, pair by pair
  Column left_time, right_time;               ///< Timestamp, or Date (midnight UTC)
  Column right_available;                     ///< no type: right rows are known at their time, or
  ir::Period known_after{};                   ///< so long after it
  bool strictly_before = false;
  std::optional<std::int64_t> within_us;      ///< the right time is at most so long before `t - ahead`
  std::int64_t ahead_us = 0;
  int threads = 1;
};

struct AsOfMatches {
  std::vector<std::int32_t> rows;  ///< right row of each left row; -1: none
  /// Right rows among which nothing chooses, and the first left row that they match.
  struct Tie {
    std::int32_t left = 0;
    std::vector<std::int32_t> rows;
  };
  std::vector<Tie> ties;  ///< in the order of the left rows
};

[[nodiscard]] AsOfMatches matchAsOf(const AsOfRequest& request);

/// The first left row whose value of `column` (of the right side) a tie would decide; -1: none does.
[[nodiscard]] std::int32_t firstUndecided(const AsOfMatches& matches, const Column& column);

}  // namespace cd4ml::data
