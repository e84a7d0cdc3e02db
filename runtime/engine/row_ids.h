/// Row ids of a node's rows (docs/design/nf1-columns.md §Row ids).
#pragma once

#include "runtime/data/row_id.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// Ids of the rows of `node` from the columns at `slots`.
[[nodiscard]] Result<data::RowIds> rowIdsOf(Run& run, ir::NodeId node, const Slots& slots);
/// The columns that name a row of `node` where no split says it: `@id`, else `@key` and `@time`, else all columns.
[[nodiscard]] Slots idColumns(const Run& run, ir::NodeId node);

}  // namespace cd4ml::engine
