#include "runtime/engine/row_ids.h"

#include "runtime/data/row_id.h"

namespace cd4ml::engine {

Result<data::RowIds> rowIdsOf(Run& run, ir::NodeId node, const Slots& slots) {
  CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run, node, slots));
  CD4ML_CHECK(!columns.empty());
  return data::rowIds(columns, columns[0].rows, run.threads());
}

Slots idColumns(const Run& run, ir::NodeId node) {
  const std::vector<ir::Column>& columns = run.node(node).columns;
  Slots ids;
  Slots keys;
  Slots all;
  bool has_key = false;
  bool has_time = false;
  for (std::uint32_t c = 0; c < columns.size(); ++c) {
    if (columns[c].type.kind == ir::Kind::Vector) continue;
    all.push_back(c);
    if (columns[c].has(ir::Role::Id)) ids.push_back(c);
    if (columns[c].has(ir::Role::Key) || columns[c].has(ir::Role::Time)) keys.push_back(c);
    has_key = has_key || columns[c].has(ir::Role::Key);
    has_time = has_time || columns[c].has(ir::Role::Time);
  }
  if (!ids.empty()) return ids;
  return has_key && has_time ? keys : all;
}

}  // namespace cd4ml::engine
