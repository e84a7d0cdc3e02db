#include <fmt/format.h>

#include <algorithm>

#include "runtime/engine/table_program.h"

namespace cd4ml::engine {

namespace {

const SlotContent* knownContent(const Run& run, ir::SlotRef slot) {
  const auto at = run.known.slots.find(slot);
  return at == run.known.slots.end() ? nullptr : &at->second;
}

Error differs(const Run& run, ir::NodeId node, std::uint32_t slot) {
  const std::vector<std::string> names = ir::slotNames(run.node(node));
  Error e = makeError(
      "CD5020", fmt::format("`{}.{}` was computed again and came out different", run.node(node).name, names[slot]),
      run.node(node).name_span);
  e.help.emplace_back("the cache holds a wrong entry; remove it and run again");
  return e;
}

/// Runs the node for the slots that are in neither memory nor CAS; gives their contents.
Result<std::vector<SlotContent>> recompute(Run& run, ir::NodeId node, const Slots& slots) {
  CD4ML_TRY(std::vector<SlotContent> made, runNode(run, node, slots));
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotContent* known = knownContent(run, {node, slots[i]});
    if (known != nullptr && known->content != made[i].content) return differs(run, node, slots[i]);
  }
  return made;
}

/// Type of a slot's columns; of features it follows from the graph, which also knows target and weight.
ir::Type slotType(const Run& run, ir::NodeId id, std::uint32_t slot) {
  const ir::Node& node = run.node(id);
  if (const auto* features = std::get_if<ir::Features>(&node.body)) {
    const std::size_t count = features->features.size();
    if (slot < count) return features->graph[features->features[slot]].type;
    const bool target = features->target.valid() && slot == count;
    return features->graph[target ? features->target : features->weight].type;
  }
  CD4ML_CHECK(slot < node.columns.size());
  return node.columns[slot].type;
}

}  // namespace

Result<std::vector<data::Column>> fetchColumns(Run& run, ir::NodeId node, const Slots& slots) {
  const auto lock = run.artifacts.lockNode(node.index);
  std::vector<data::Column> columns(slots.size());
  Slots missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotContent* known = knownContent(run, {node, slots[i]});
    auto column = known == nullptr ? std::nullopt : run.artifacts.column(known->content, slotType(run, node, slots[i]));
    if (column) {
      columns[i] = *std::move(column);
    } else {
      missing.push_back(slots[i]);
      places.push_back(i);
    }
  }
  if (missing.empty()) return columns;
  CD4ML_TRY(const std::vector<SlotContent> made, recompute(run, node, missing));
  for (std::size_t i = 0; i < missing.size(); ++i) {
    auto column = run.artifacts.column(made[i].content, slotType(run, node, missing[i]));
    CD4ML_CHECK(column.has_value());
    columns[places[i]] = *std::move(column);
  }
  return columns;
}

Result<std::int64_t> countRows(Run& run, ir::NodeId id) {
  const ir::NodeBody& body = run.node(id).body;
  std::uint32_t slot = 0;
  if (!run.known.counted_by.empty()) {
    if (const auto* features = std::get_if<ir::Features>(&body)) return countRows(run, features->from);
    if (std::holds_alternative<ir::Table>(body)) {
      CD4ML_TRY(const TableRows table, runVerbs(run, id, {}, Follow::Nothing));
      return table.rows;
    }
    if (const auto at = run.known.counted_by.find(id); at != run.known.counted_by.end()) slot = at->second;
  }
  CD4ML_TRY(const std::vector<data::Column> columns, fetchColumns(run, id, {slot}));
  return columns[0].rows;
}

Result<std::vector<data::Column>> fetchSparse(Run& run, ir::NodeId node, const Slots& slots) {
  CD4ML_TRY(std::vector<data::Column> dense, fetchColumns(run, node, slots));
  std::vector<data::Column> columns(run.node(node).columns.size());
  for (std::size_t i = 0; i < slots.size(); ++i) columns[slots[i]] = std::move(dense[i]);
  return columns;
}

Result<std::vector<std::vector<data::Column>>> fetchParts(Run& run, ir::NodeId node, const Slots& slots) {
  const auto lock = run.artifacts.lockNode(node.index);
  const auto find = [&](std::uint32_t slot, const SlotContent& content) -> std::optional<std::vector<data::Column>> {
    std::vector<data::Column> parts;
    for (const Digest& id : content.parts) {
      auto part = run.artifacts.column(id, slotType(run, node, slot));
      if (!part) return std::nullopt;
      parts.push_back(*std::move(part));
    }
    return parts;
  };
  std::vector<std::vector<data::Column>> out(slots.size());
  Slots missing;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const SlotContent* known = knownContent(run, {node, slots[i]});
    auto parts = known == nullptr ? std::nullopt : find(slots[i], *known);
    if (parts) {
      out[i] = *std::move(parts);
    } else {
      missing.push_back(slots[i]);
      places.push_back(i);
    }
  }
  if (missing.empty()) return out;
  CD4ML_TRY(const std::vector<SlotContent> made, recompute(run, node, missing));
  for (std::size_t i = 0; i < missing.size(); ++i) {
    auto parts = find(missing[i], made[i]);
    CD4ML_CHECK(parts.has_value());
    out[places[i]] = *std::move(parts);
  }
  return out;
}

Result<SlotContent> fetchContent(Run& run, ir::NodeId node, std::uint32_t slot) {
  if (const SlotContent* known = knownContent(run, {node, slot})) return *known;
  CD4ML_TRY(std::vector<SlotContent> made, runNode(run, node, {slot}));
  return std::move(made[0]);
}

Result<std::string> fetchBytes(Run& run, ir::SlotRef slot) {
  const auto lock = run.artifacts.lockNode(slot.node.index);
  CD4ML_TRY(const SlotContent content, fetchContent(run, slot.node, slot.slot));
  if (auto bytes = run.artifacts.bytes(content.content)) return *std::move(bytes);
  CD4ML_TRY(const std::vector<SlotContent> made, recompute(run, slot.node, {slot.slot}));
  auto bytes = run.artifacts.bytes(made[0].content);
  CD4ML_CHECK(bytes.has_value());
  return *std::move(bytes);
}

std::vector<std::uint32_t> valuesNeeded(const ir::Graph& graph, std::span<const ir::ValueId> wanted) {
  std::vector<bool> needed(graph.values.size(), false);
  for (const ir::ValueId id : wanted) needed[id.index] = true;
  for (std::size_t v = graph.values.size(); v-- > 0;) {
    if (!needed[v]) continue;
    for (const ir::ValueId arg : graph.values[v].args) needed[arg.index] = true;
  }
  std::vector<std::uint32_t> out;
  for (std::size_t v = 0; v < needed.size(); ++v) {
    if (needed[v]) out.push_back(static_cast<std::uint32_t>(v));
  }
  return out;
}

Slots inputsRead(const ir::Graph& graph, std::span<const ir::ValueId> wanted) {
  Slots slots;
  for (const std::uint32_t v : valuesNeeded(graph, wanted)) {
    if (graph.values[v].op == ir::Op::Input) slots.push_back(graph.values[v].slot);
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace cd4ml::engine
