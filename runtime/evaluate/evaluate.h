/// Metrics of a model on rows: whole, by slice, and own expressions, as the JSON of docs/design/0001-bones.md.
///
/// Rows whose target is null are left out. Sums have a fixed shape, so that a value's bits depend on the rows alone.
/// A metric without a value (one class only, no rows) is null with the reason.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/data/column.h"
#include "runtime/score/predict.h"

namespace cd4ml::evaluate {

struct EvaluateRequest {
  const ir::Evaluate* node = nullptr;
  std::vector<std::string> column_names;   ///< of the features' `from` node, for `by`
  std::vector<data::Column> columns;       ///< its columns on the part's rows, by slot; those nobody reads may be empty
  data::Column target;
  data::Column weight;                     ///< kind Error: all rows weigh 1
  ir::Task task = ir::Task::Regression;
  std::vector<std::string> classes;        ///< multiclass: the model's
  ir::Kind target_kind = ir::Kind::Float;
  const score::Predictions* predictions = nullptr;
  std::int64_t rows = 0;
  int threads = 1;
};

/// Slots of the `from` node that the metrics read.
[[nodiscard]] std::vector<std::uint32_t> columnsRead(const ir::Evaluate& node);

/// The metrics JSON.
[[nodiscard]] Result<std::string> evaluate(const EvaluateRequest& request);

/// The predictions as columns: prediction (of the target's kind), and probability where there is one.
[[nodiscard]] std::vector<data::Column> predictionColumns(const score::Predictions& predictions, ir::Task task,
                                                          ir::Kind target_kind, const std::vector<std::string>& classes);

}  // namespace cd4ml::evaluate
