/// The Arrow type that holds values of a kind: the one place that says so.
#pragma once

#include <memory>

#include "compiler/ir/type.h"

namespace arrow {
class DataType;
}

namespace cd4ml::data {

/// Of the same width and meaning as a column's values, but for Bool (bits) and Date (32 bits). Not for vectors.
[[nodiscard]] std::shared_ptr<arrow::DataType> arrowType(ir::Kind kind);

}  // namespace cd4ml::data
