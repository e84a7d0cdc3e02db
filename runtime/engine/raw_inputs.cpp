#include <algorithm>
#include <numeric>

#include "runtime/engine/bundle.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/split_rows.h"
#include "runtime/engine/table_program.h"

namespace cd4ml::engine {

Result<std::vector<std::int32_t>> baseRows(Run& run, ir::NodeId node, ir::NodeId base) {
  if (node == base) return std::vector<std::int32_t>{};
  const auto* table = std::get_if<ir::Table>(&run.node(node).body);
  CD4ML_CHECK(table != nullptr);
  CD4ML_TRY(TableRows rows, runVerbs(run, node, {}, Follow::Origins));
  CD4ML_TRY(const std::vector<std::int32_t> below, baseRows(run, table->from, base));
  if (below.empty()) return std::move(rows.origins);
  if (rows.origins.empty()) return below;
  for (std::int32_t& row : rows.origins) row = below[static_cast<std::size_t>(row)];
  return std::move(rows.origins);
}

Result<std::vector<data::Column>> rawInputs(Run& run, ir::NodeId from, ir::NodeId base, const Slots& base_slots,
                                            const features::RowSet& rows) {
  CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, base, base_slots));
  CD4ML_TRY(const std::vector<std::int32_t> origins, baseRows(run, from, base));
  if (origins.empty()) {
    for (data::Column& column : columns) column = takeRows(column, rows);
    return columns;
  }
  std::vector<std::int32_t> wanted = rowNumbers(rows);
  for (std::int32_t& row : wanted) row = origins[static_cast<std::size_t>(row)];
  for (data::Column& column : columns) column = data::take(column, wanted);
  return columns;
}

}  // namespace cd4ml::engine
