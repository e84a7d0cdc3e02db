/// Out-of-fold values: training rows of an encoder that uses the target take their numbers from a fit on other folds.
#pragma once

#include "runtime/features/execute.h"
#include "runtime/score/run_graph.h"

namespace cd4ml::features {

inline constexpr int fold_count = 5;

/// The fold of a row: the high bits of a mix of its id and the seed, times 5.
[[nodiscard]] int foldOf(std::uint64_t row_id, std::int64_t seed);

/// The fits of all encoders that `wanted` needs and that use the target: 0 … 4 without one fold, 5 on all training rows.
[[nodiscard]] Result<std::map<std::uint32_t, score::FoldedEncode>> foldEncoders(
    const ir::Graph& graph, std::span<const ir::ValueId> wanted, std::span<const score::ColumnView> inputs, std::int64_t rows,
    const RowSet& train, const score::FittedState& fitted, std::span<const std::uint64_t> row_ids, const ExecuteOptions& options);

}  // namespace cd4ml::features
