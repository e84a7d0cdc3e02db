/// The batch scorer: rows in blocks of 512, tests once a block, trees as logic on bits (slice_kernel.h).
#pragma once

#include <memory>

#include "runtime/score/forest.h"
#include "runtime/score/slice_kernel.h"

namespace cd4ml::score {

/// The scorer of this forest with this kernel; null where a tree has too many leaves or a set too many codes.
[[nodiscard]] std::unique_ptr<ForestScorer> makeSliceScorer(const Forest& forest, const SliceKernel& kernel);

}  // namespace cd4ml::score
