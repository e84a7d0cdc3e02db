/// Columns as plain pointers: what kernels, the interpreter and the scorer read and write. No Arrow.
///
/// Physical forms are those of `ir::Kind`. Of buffers that kernels touch whole groups of eight rows can be read, so no
/// kernel needs a scalar tail; what lies behind the last row and under nulls is unspecified. A view of a part of a
/// column begins anywhere in its buffer, at a whole value.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "compiler/ir/type.h"

namespace cd4ml::score {

/// The texts of a category column by code. In a column that a node outputs it is canonical: exactly the values that
/// occur, sorted by bytes (closed categories: all levels in written order). `null` marks a missing code.
struct Dictionary {
  std::vector<std::string_view> levels;
};

struct ColumnView {
  ir::Kind kind = ir::Kind::Error;
  std::int64_t rows = 0;
  const void* values = nullptr;         ///< int64, double, uint8 (bool), int32 (category code), bytes (text)
  const std::int64_t* offsets = nullptr;  ///< text: rows + 1 offsets
  const std::uint8_t* validity = nullptr; ///< bitmap from bit 0 of row 0; null: all rows are there
  const Dictionary* dictionary = nullptr; ///< category

  [[nodiscard]] bool isValid(std::int64_t row) const {
    return validity == nullptr || ((validity[row >> 3] >> (row & 7)) & 1) != 0;
  }
  [[nodiscard]] const std::int64_t* ints() const { return static_cast<const std::int64_t*>(values); }
  [[nodiscard]] const double* floats() const { return static_cast<const double*>(values); }
  [[nodiscard]] const std::uint8_t* bools() const { return static_cast<const std::uint8_t*>(values); }
  [[nodiscard]] const std::int32_t* codes() const { return static_cast<const std::int32_t*>(values); }
  [[nodiscard]] std::string_view text(std::int64_t row) const {
    return {static_cast<const char*>(values) + offsets[row], static_cast<std::size_t>(offsets[row + 1] - offsets[row])};
  }
};

}  // namespace cd4ml::score
