/// The batch scorer: values become ranks among the forest's thresholds once a block, trees are walked on ranks.
///
/// A test column is one way to read a feature (its missing type and default side, or one set of categories). Its rank
/// of a value is the number of cuts below it, so `value <= cuts[k]` is `rank <= k`: the decision of forest_decide.h,
/// to the bit.
#pragma once

#include <memory>

#include "runtime/score/forest.h"

namespace cd4ml::score {

/// The scorer of this forest; null where it has more test columns, cuts or nodes than its nodes can name.
[[nodiscard]] std::unique_ptr<ForestScorer> makeRankScorer(const Forest& forest);

}  // namespace cd4ml::score
