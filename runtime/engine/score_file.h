/// Batch scoring of a file with a bundle.
#pragma once

#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// `history`: where the rows are that a model with windows folds; null: there are none (CD5605).
[[nodiscard]] Result<ScoreSummary> scoreFile(const ScoreRequest& request, TaskContext& context, Run* history);

}  // namespace cd4ml::engine
