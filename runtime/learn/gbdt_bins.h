/// Fills LightGBM's datasets with bins that we look up ourselves. The only place that knows how the library lays out its
/// memory: it goes by the public members of the C++ headers of the pinned release, and by nothing else
/// (docs/design/gbdt-bins.md).
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/learn/arrow_stream.h"

namespace cd4ml::learn {

/// Whether the LightGBM in this process is the very build that the headers belong to. Else leave its datasets alone.
[[nodiscard]] bool knowsDatasets();

/// Puts the bins of all `rows` rows into an empty dataset, as the library would. False, and nothing is touched, if the
/// dataset or a column is of a kind that only the library fills. Call only if knowsDatasets().
[[nodiscard]] bool fillDataset(void* dataset, const std::vector<StreamColumn>& columns, std::int64_t rows, int threads);

}  // namespace cd4ml::learn
