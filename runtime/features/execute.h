/// Runs a FeatureIR graph over whole columns: fits what must be fitted, then computes all wanted values in fused
/// passes, compiled where that pays and interpreted elsewhere, with the same bits.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/ir/value.h"
#include "runtime/data/column.h"
#include "runtime/score/fitted.h"
#include "runtime/score/interpret.h"

namespace cd4ml::features {

/// Rows by part, in row order; a contiguous part is a range.
struct RowSet {
  std::int64_t begin = 0;
  std::int64_t count = 0;
  std::vector<std::int32_t> indices;  ///< when not contiguous; else empty
  [[nodiscard]] std::int64_t size() const { return indices.empty() ? count : static_cast<std::int64_t>(indices.size()); }
};

struct ExecuteOptions {
  int threads = 1;
  std::string object_cache;              ///< folder; empty: none
  enum class Mode : std::uint8_t { Auto, Interpret, Compile } mode = Mode::Auto;
  const score::LookupSnapshots* lookups = nullptr;
  /// What people call a wanted value, for row errors: "`share` of `clean`"; may be empty.
  std::function<std::string(ir::ValueId wanted)> nameOf{};
};

/// Values of `wanted` for all rows; no fitted values may occur. A row error becomes an Error that names row and span.
Result<std::vector<data::Column>> compute(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                          std::span<const data::Column> inputs, std::int64_t rows,
                                          const ExecuteOptions& options);

/// Learns every Fit and Encode value that `wanted` needs from the rows of `train`.
/// `row_ids` (one a row of the inputs) place rows in folds; needed by encoders that use the target.
Result<score::FittedState> fit(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                               std::span<const data::Column> inputs, std::int64_t rows, const RowSet& train,
                               std::span<const std::uint64_t> row_ids, const ExecuteOptions& options);

/// Values of `wanted` by part: result[w][p] is value w on the rows of parts[p]. parts[0] is the training part, whose
/// rows get out-of-fold values from encoders that use the target; all other rows get the full fit.
Result<std::vector<std::vector<data::Column>>> computeByPart(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                                             std::span<const data::Column> inputs, std::int64_t rows,
                                                             std::span<const RowSet> parts,
                                                             const score::FittedState& fitted,
                                                             std::span<const std::uint64_t> row_ids,
                                                             const ExecuteOptions& options);

}  // namespace cd4ml::features
