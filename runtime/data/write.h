/// Writes columns as CSV, Parquet or Arrow IPC, whole or not at all: to a temporary file that is renamed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

struct NamedColumn {
  std::string name;
  Column column;
};

/// By extension: .csv, .parquet, .arrow. A vector column becomes one column an element, `name_0`, `name_1`, …
[[nodiscard]] Status writeTable(const std::string& path, const std::vector<NamedColumn>& columns);

/// CSV text: a header, fields quoted where they must be; null is an empty field, an empty text is "". Floats have the
/// fewest digits that read back to the same bits. Reading it back gives the same columns.
[[nodiscard]] std::string csvText(const std::vector<NamedColumn>& columns);

}  // namespace cd4ml::data
