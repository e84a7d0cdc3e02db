/// The verbs of a table, run over columns. Only what the wanted variables need is computed.
#pragma once

#include <vector>

#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// The variables of a table after its last verb; those nobody wants are empty.
struct TableRows {
  std::vector<data::Column> variables;
  std::int64_t rows = 0;
  /// Row of `from` that each row comes from, where it was asked for: empty means "the same row".
  std::vector<std::int32_t> origins;
};

/// Runs the verbs of table `id` for `wanted` variables. With `origins` each row's place in `from` is followed; that
/// needs a table whose verbs keep rows (filter, derive, look-up join).
enum class Follow : std::uint8_t { Nothing, Origins };
[[nodiscard]] Result<TableRows> runVerbs(Run& run, ir::NodeId id, const std::vector<ir::Variable>& wanted,
                                         Follow follow);
/// The rows as they are after the first `steps` verbs.
[[nodiscard]] Result<TableRows> runFirstVerbs(Run& run, ir::NodeId id, const std::vector<ir::Variable>& wanted, std::size_t steps);

/// Whether a `require` or `warn` over all rows holds; null does. One that does not is an error, or a warning is given.
[[nodiscard]] Result<bool> requireRows(Run& run, const ir::Graph& graph, const ir::RequireOp& require, const std::vector<data::Column>& columns,
                                       std::int64_t rows, const std::string& node);

/// Values over aggregates of groups of rows: one row a group. `columns` are the graph's inputs. No
/// `group_of_row` and one group: all rows are in it.
[[nodiscard]] Result<std::vector<data::Column>> computeAggregates(
    Run& run, const ir::Graph& graph, const std::vector<ir::ValueId>& wanted, const std::vector<data::Column>& columns,
    std::int64_t rows, std::span<const std::int32_t> group_of_row, std::int64_t groups);

}  // namespace cd4ml::engine
