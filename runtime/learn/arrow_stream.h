/// Columns as an Arrow C stream of one batch, without a copy and without the Arrow library. Whoever takes the stream
/// reads the columns' own memory, which must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/c/abi.h>

namespace cd4ml::learn {

/// One column: Arrow's format letter ("g" float64, "f" float32, "l" int64, "i" int32, "C" uint8) and its buffers.
struct StreamColumn {
  const char* format = "g";
  const void* values = nullptr;
  const std::uint8_t* validity = nullptr;  ///< null: all rows are there
};

/// A stream of structs, one child a column.
[[nodiscard]] ArrowArrayStream tableStream(const std::vector<StreamColumn>& columns, std::int64_t rows);
/// A stream of one plain column.
[[nodiscard]] ArrowArrayStream columnStream(const StreamColumn& column, std::int64_t rows);

}  // namespace cd4ml::learn
