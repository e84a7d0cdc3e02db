/// The rows that an evaluate node looks at.
#pragma once

#include "runtime/engine/model_run.h"
#include "runtime/engine/run.h"
#include "runtime/evaluate/evaluate.h"

namespace cd4ml::engine {

/// Rows (of the features' `from` node) of a part.
[[nodiscard]] Result<features::RowSet> evaluatedRows(Run& run, ir::NodeId features, ir::Part part);
[[nodiscard]] data::Column takeRows(const data::Column& column, const features::RowSet& rows);
/// A request with the columns that the metrics read, on these rows; target and predictions are still missing.
[[nodiscard]] Result<evaluate::EvaluateRequest> evaluateRequest(Run& run, const ir::Evaluate& node,
                                                                const features::RowSet& rows);
/// The whole request: what the model said of the part's rows and what they are held to. It points into `predicted`.
[[nodiscard]] Result<evaluate::EvaluateRequest> requestOf(Run& run, const ir::Evaluate& node, const Predicted& predicted);
/// Target or weight on rows of `from`: a function of its columns, so it is computed rather than looked up by part.
[[nodiscard]] Result<data::Column> valueOnRows(Run& run, const ir::Features& features, ir::ValueId value,
                                               const features::RowSet& rows);

}  // namespace cd4ml::engine
