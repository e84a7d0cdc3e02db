/// Reading a StreamColumn by its format.
#pragma once

#include <cstdint>

#include "base/internal_check.h"
#include "runtime/learn/arrow_stream.h"

namespace cd4ml::learn {

[[nodiscard]] inline bool isThere(const StreamColumn& column, std::int64_t row) {
  return column.validity == nullptr || ((column.validity[row >> 3] >> (row & 7)) & 1) != 0;
}

/// Calls `visit` with the values as a pointer of their type.
template <class Visit>
void visitValues(const StreamColumn& column, const Visit& visit) {
  switch (*column.format) {
    case 'g': return visit(static_cast<const double*>(column.values));
    case 'f': return visit(static_cast<const float*>(column.values));
    case 'l': return visit(static_cast<const std::int64_t*>(column.values));
    case 'i': return visit(static_cast<const std::int32_t*>(column.values));
    case 'C': return visit(static_cast<const std::uint8_t*>(column.values));
  }
  CD4ML_UNREACHABLE("a format that no column has");
}

}  // namespace cd4ml::learn
