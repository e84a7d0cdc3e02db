/// Batch scoring of a file with a bundle.
#pragma once

#include "runtime/engine/engine.h"

namespace cd4ml::engine {

[[nodiscard]] Result<ScoreSummary> scoreFile(const ScoreRequest& request, TaskContext& context);

}  // namespace cd4ml::engine
