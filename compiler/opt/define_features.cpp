#include <algorithm>
#include <functional>
#include <optional>

#include "compiler/opt/counting_leaves.h"
#include "compiler/opt/define_window.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/value_digest.h"

namespace cd4ml::opt {

namespace {

ir::ValueId valueOf(const ir::Features& features, std::uint32_t slot) {
  if (slot < features.features.size()) return features.features[slot];
  return slot == features.features.size() && features.target.valid() ? features.target : features.weight;
}

/// Encoders that use the target give training rows out-of-fold values, and folds go by row id.
bool usesRowIds(const ir::Graph& graph, ir::ValueId root) {
  const std::vector<ir::ValueId> needed = valuesNeeded(graph, {root});
  return std::any_of(needed.begin(), needed.end(),
                     [&](ir::ValueId id) { return graph[id].op == ir::Op::Encode && graph[id].args.size() > 1; });
}

std::vector<std::uint32_t> rowIdsOf(const ir::Pipeline& pipeline, const ir::Features& features) {
  if (features.split.valid()) {
    const auto& split = std::get<ir::Split>(pipeline[features.split].body);
    if (!split.id_columns.empty()) return split.id_columns;
  }
  return rowIdColumns(pipeline[features.from]);
}

}  // namespace

std::vector<std::uint32_t> rowIdColumns(const ir::Node& node) {
  std::vector<std::uint32_t> ids, keys, all;
  bool has_key = false;
  bool has_time = false;
  for (std::uint32_t c = 0; c < node.columns.size(); ++c) {
    const ir::Column& column = node.columns[c];
    if (column.type.kind == ir::Kind::Vector) continue;
    all.push_back(c);
    if (column.has(ir::Role::Id)) ids.push_back(c);
    if (column.has(ir::Role::Key) || column.has(ir::Role::Time)) keys.push_back(c);
    has_key = has_key || column.has(ir::Role::Key);
    has_time = has_time || column.has(ir::Role::Time);
  }
  if (!ids.empty()) return ids;
  return has_key && has_time ? keys : all;
}

Digest defineFeatures(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& outer) {
  const auto& features = std::get<ir::Features>(pipeline[slot.node].body);
  const ir::ValueId value = valueOf(features, slot.slot);
  CountingLeaves leaves(outer, features.from);
  const auto columns = static_cast<std::uint32_t>(pipeline[features.from].columns.size());
  std::vector<std::optional<Digest>> windows(features.windows.size());
  const std::function<Digest(std::uint32_t)> input = [&](std::uint32_t column) {
    if (column < columns) return leaves.slot({features.from, column});
    std::optional<Digest>& window = windows[column - columns];
    if (!window) window = defineWindow(features.windows[column - columns], {.current = input, .folded = input, .rows = {}}, leaves);
    return *window;
  };
  ValueDigests values(features.graph, input);
  Hasher hasher = begin(Tag::Feature);
  hasher.digest(values.of(value));
  hasher.u8(features.split.valid() ? 1 : 0);
  if (features.split.valid()) hasher.digest(leaves.slot({features.split, 0}));
  const std::vector<std::uint32_t> ids = usesRowIds(features.graph, value) ? rowIdsOf(pipeline, features) : std::vector<std::uint32_t>{};
  if (!features.split.valid() && features.after_us != 0) {
    hasher.u64(static_cast<std::uint64_t>(features.after_us)).digest(leaves.slot({features.from, features.time_column}));
    for (const ir::SlotRef& end : features.ends) hasher.digest(leaves.slot(end));
  }
  hasher.u64(ids.size());
  for (const std::uint32_t column : ids) hasher.digest(leaves.slot({features.from, column}));
  return hasher.digest(leaves.rowsIfUnread()).finish();
}

}  // namespace cd4ml::opt
