/// Feature columns as the tree trainer reads them: the columns' own buffers wherever that can be.
#pragma once

#include <memory>
#include <vector>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/arrow_stream.h"

namespace cd4ml::learn {

struct GbdtColumns {
  std::vector<StreamColumn> columns;                     ///< one a model input
  std::vector<std::shared_ptr<const std::uint8_t>> owned;  ///< recoded categories
};

/// Borrows the buffers of `part`, which must outlive the result.
[[nodiscard]] GbdtColumns gbdtColumns(const TrainingPart& part, const Prepared& prepared);

}  // namespace cd4ml::learn
