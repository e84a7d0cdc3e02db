/// A features node's rows by part, and what its values learned from the training rows.
#pragma once

#include "runtime/data/row_id.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

struct PartedRows {
  std::vector<data::Column> inputs;  ///< by slot of the `from` node; those nobody reads are empty
  std::int64_t rows = 0;
  std::vector<features::RowSet> parts;  ///< the training part first
  std::vector<ir::Part> names;
  data::RowIds row_ids;  ///< where an encoder needs them
};
[[nodiscard]] Result<PartedRows> loadParts(Run& run, const ir::Features& features,
                                           const std::vector<ir::ValueId>& values);

/// The rows that train where there is no split: those whose label is known.
[[nodiscard]] Result<features::RowSet> labelledRows(Run& run, const ir::Features& features, std::int64_t rows);

/// Part of each row, a byte each.
[[nodiscard]] Result<data::Column> fetchSplit(Run& run, ir::NodeId split);

/// Values behind slots: features, then the target, then the weight.
[[nodiscard]] std::vector<ir::ValueId> slotValues(const ir::Features& features, const Slots& slots);

/// What the values of these slots learned, by value of the features' graph; learned again where it is not at hand.
[[nodiscard]] Result<score::FittedState> fittedState(Run& run, ir::NodeId features, const Slots& slots);

}  // namespace cd4ml::engine
