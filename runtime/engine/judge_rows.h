/// The rows that a gate judges by: what the candidate and the champion say about them, drawn again, and timed.
#pragma once

#include "runtime/engine/run.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/score/predict.h"

namespace cd4ml::engine {

/// One model on rows of an evaluate node. `request` points at `predictions`.
struct JudgedSide {
  features::RowSet rows;
  std::int64_t left_out = 0;        ///< rows that the champion was fitted on
  std::uint64_t model_bytes = 0;
  std::unique_ptr<score::Predictions> predictions;
  evaluate::EvaluateRequest request;
};

/// The bundle at `path` on the rows that it was not fitted on.
[[nodiscard]] Result<JudgedSide> championSide(Run& run, const ir::Evaluate& node, const std::string& path);
/// The present model on these rows of the part.
[[nodiscard]] Result<JudgedSide> candidateSide(Run& run, const ir::Evaluate& node, const features::RowSet& rows);

[[nodiscard]] Result<PairedReplicates> replicateMetrics(Run& run, ir::NodeId evaluate, const std::vector<std::uint32_t>& metrics,
                                                        const std::string& champion);
[[nodiscard]] Result<std::vector<double>> measureLatencies(Run& run, ir::NodeId evaluate, const std::string& bundle);

}  // namespace cd4ml::engine
