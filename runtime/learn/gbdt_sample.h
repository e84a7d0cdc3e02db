/// The empty training dataset of LightGBM with its bins, found by the library in its own sample of the rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/learn/arrow_stream.h"

namespace cd4ml::learn {

/// A new dataset for `rows` rows without a bin in it, as the library would make it from these columns by itself; null if
/// the library refuses (LGBM_GetLastError says why).
[[nodiscard]] void* datasetOfSample(const std::vector<StreamColumn>& columns, std::int64_t rows, const std::string& parameters, int threads);

}  // namespace cd4ml::learn
