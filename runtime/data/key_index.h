/// Key tuples of rows: which rows have equal keys, in what order keys come, which row another table's key finds.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/data/column.h"

namespace cd4ml::data {

/// Number of the group of each row: rows with equal key tuples have one group; null is a value of its own, -0.0 is 0.0.
/// Groups are numbered in the order of their keys: ascending by each key in turn, NaN after numbers, null last; texts
/// by bytes, closed categories in written order.
struct RowGroups {
  std::vector<std::int32_t> group_of_row;
  std::vector<std::int32_t> first_rows;  ///< of each group
};
[[nodiscard]] RowGroups groupByKeys(std::span<const Column> keys, std::int64_t rows);
/// The same with groups in the order of their first rows, which costs no sort.
[[nodiscard]] RowGroups numberKeys(std::span<const Column> keys, std::int64_t rows);

/// Negative, zero, positive as row a of a column comes before, with, after row b in the order of `groupByKeys`.
[[nodiscard]] int compareValues(const score::ColumnView& view, std::int64_t a, std::int64_t b);

/// Finds rows of `right` by the keys of rows of `left`. Null keys match nothing.
class KeyMatches {
 public:
  /// Keys of both sides have the same kinds.
  KeyMatches(std::span<const score::ColumnView> left, std::int64_t left_rows, std::span<const score::ColumnView> right,
             std::int64_t right_rows);

  /// Rows of the right side that match row `left` of the left side, ascending.
  [[nodiscard]] std::span<const std::int32_t> rows(std::int64_t left) const {
    const std::int32_t group = group_of_left_[static_cast<std::size_t>(left)];
    if (group < 0) return {};
    const auto begin = static_cast<std::size_t>(begins_[static_cast<std::size_t>(group)]);
    const auto end = static_cast<std::size_t>(begins_[static_cast<std::size_t>(group) + 1]);
    return std::span(order_).subspan(begin, end - begin);
  }

  /// Number of the key of each row: rows of both sides with equal keys have one. -1 on the left side: no match.
  [[nodiscard]] std::span<const std::int32_t> leftGroups() const { return group_of_left_; }
  [[nodiscard]] std::span<const std::int32_t> rightGroups() const { return group_of_right_; }
  [[nodiscard]] std::size_t groups() const { return begins_.size() - 1; }

 private:
  std::vector<std::int32_t> group_of_right_;
  std::vector<std::int32_t> group_of_left_;  ///< -1: no match
  std::vector<std::int64_t> begins_;
  std::vector<std::int32_t> order_;
};

[[nodiscard]] std::vector<score::ColumnView> viewsOf(std::span<const Column> columns);

/// "origin = \"SFO\", day = 2001-01-13": the key of a row, for messages.
[[nodiscard]] std::string keyText(std::span<const Column> keys, std::span<const std::string> names, std::int64_t row);

}  // namespace cd4ml::data
