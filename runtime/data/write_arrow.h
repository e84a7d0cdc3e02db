/// Columns as Arrow arrays, without a copy where the layouts agree, and the files made of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/data/write.h"

namespace arrow {
class Array;
}

namespace cd4ml::data {

/// An array that shares the column's buffers; category as dictionary<int32, utf8>. Not for vectors.
[[nodiscard]] std::shared_ptr<arrow::Array> toArrow(const Column& column);

[[nodiscard]] Status writeParquet(const std::string& path, const std::vector<NamedColumn>& columns);
[[nodiscard]] Status writeArrow(const std::string& path, const std::vector<NamedColumn>& columns);

}  // namespace cd4ml::data
