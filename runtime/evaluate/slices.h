/// Rows by the values of slicing columns: one slice a distinct tuple, sorted by value, null last.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/data/column.h"

namespace cd4ml::evaluate {

struct Slices {
  std::vector<std::string> keys;              ///< JSON object of each slice: {"origin":"SFO"}
  std::vector<std::vector<std::int32_t>> rows;  ///< of each slice, ascending: places in `rows` that were given
};

struct SliceColumn {
  std::string name;
  const data::Column* column = nullptr;
};

/// Slices of the given rows that have at least `min_rows` of them.
[[nodiscard]] Slices sliceRows(const std::vector<SliceColumn>& columns, std::span<const std::int32_t> rows, std::int64_t min_rows);

}  // namespace cd4ml::evaluate
