/// Rows of columns, as views of their own aligned and padded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/score/column_view.h"

namespace cd4ml::score {

struct Gathered {
  ColumnView view;
  std::vector<std::shared_ptr<void>> owned;
};

/// Rows [begin, begin + count) in place; `begin` is a multiple of 64, so buffers stay aligned.
[[nodiscard]] ColumnView sliceView(const ColumnView& column, std::int64_t begin, std::int64_t count);
/// The rows at `rows`, copied.
[[nodiscard]] Gathered gatherRows(const ColumnView& column, std::span<const std::int64_t> rows);

}  // namespace cd4ml::score
