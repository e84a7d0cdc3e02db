#include <algorithm>

#include "base/internal_check.h"
#include "base/parallel.h"
#include "runtime/features/backend.h"
#include "runtime/features/out_of_fold.h"

namespace cd4ml::features {
namespace {

bool isWhole(const RowSet& part, std::int64_t rows) { return part.indices.empty() && part.begin == 0 && part.count == rows; }

data::Column rowsOf(const data::Column& column, const RowSet& part) {
  if (isWhole(part, column.rows)) return column;
  if (part.indices.empty()) return data::slice(column, part.begin, part.count);
  return data::take(column, part.indices);
}

}  // namespace

Result<std::vector<data::Column>> compute(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                          std::span<const data::Column> inputs, std::int64_t rows, const ExecuteOptions& options) {
  const std::vector<score::ColumnView> views = viewsOf(inputs);
  const score::FittedState none;
  const score::GraphRequest request{.graph = graph, .wanted = wanted, .inputs = views, .rows = rows, .fitted = none, .lookups = options.lookups};
  CD4ML_TRY(std::vector<score::Held> held, runColumns(request, options));
  std::vector<data::Column> out;
  for (std::size_t i = 0; i < wanted.size(); ++i) out.push_back(toColumn(std::move(held[i]), graph[wanted[i]].type, inputs));
  return out;
}

Result<std::vector<std::vector<data::Column>>> computeByPart(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                                             std::span<const data::Column> inputs, std::int64_t rows,
                                                             std::span<const RowSet> parts, const score::FittedState& fitted,
                                                             std::span<const std::uint64_t> row_ids, const ExecuteOptions& options) {
  CD4ML_CHECK(!parts.empty());
  const std::vector<score::ColumnView> views = viewsOf(inputs);
  CD4ML_TRY(const auto folded, foldEncoders(graph, wanted, views, rows, parts[0], fitted, row_ids, options));
  const score::GraphRequest request{.graph = graph, .wanted = wanted, .inputs = views, .rows = rows, .fitted = fitted,
                                    .lookups = options.lookups, .folded = &folded};
  CD4ML_TRY(std::vector<score::Held> held, runColumns(request, options));
  std::vector<std::vector<data::Column>> out(wanted.size());
  parallelFor(options.threads, wanted.size(), [&](std::size_t i) {
    const data::Column column = toColumn(std::move(held[i]), graph[wanted[i]].type, inputs);
    for (const RowSet& part : parts) out[i].push_back(rowsOf(column, part));
  });
  return out;
}

}  // namespace cd4ml::features
