/// Out-of-fold predictions: of each row with a fold, by a model that did not learn from it, in the order of the rows.
#pragma once

#include "runtime/engine/model_run.h"

namespace cd4ml::engine {

/// Whether the predictions of a model for a part are those out of fold.
[[nodiscard]] bool isOutOfFold(const Run& run, ir::NodeId model, ir::Part part);
/// Pools the predictions of the folds' models and keeps them.
[[nodiscard]] Result<SlotContent> poolFoldPredictions(const std::vector<Known>& folds, ir::NodeId model, TaskContext& task,
                                                      Artifacts& artifacts, const EngineConfig& config);
/// The pooled predictions of a model.
[[nodiscard]] Result<Predicted> fetchOutOfFold(Run& run, ir::NodeId model);

}  // namespace cd4ml::engine
