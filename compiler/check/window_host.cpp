#include "compiler/check/window_host.h"

#include "compiler/ir/window_text.h"

namespace cd4ml::check {

namespace {

/// The column that a column of a table is, unchanged, as far down as there is one.
ir::SlotRef sourceOf(const ir::Pipeline& pipeline, ir::SlotRef column) {
  while (const auto* table = std::get_if<ir::Table>(&pipeline[column.node].body)) {
    const ir::Variable variable = table->outputs[column.slot];
    // (Nothing is known of a `from` that did not resolve.)
    if (!table->from.valid() || variable >= pipeline[table->from].columns.size()) break;
    column = {table->from, variable};
  }
  return column;
}

}  // namespace

std::uint32_t OwnerWindows::take(ir::Window window) {
  const std::vector<std::string> lines = ir::windowLines(window);
  for (const auto& [slot, seen] : seen_()) {
    if (ir::windowLines(*seen) == lines) return slot;
  }
  return add_(std::move(window));
}

ir::NodeId OwnerWindows::find(std::string_view name) const {
  using resolve::Construct;
  const auto decl = context_.names.find(context_.tree, name, Construct::Source | Construct::Table);
  if (!decl) return {};
  const auto node = context_.nodes.find(*decl);
  return node == context_.nodes.end() ? ir::NodeId{} : node->second;
}

Scope OwnerWindows::rowsOf(ir::NodeId node) const { return scopeOf(context_, node, Place::Window); }

std::vector<ir::SlotRef> OwnerWindows::endsOf(ir::NodeId node, std::uint32_t time_slot) const {
  if (node.valid()) return {sourceOf(context_.pipeline, {node, time_slot})};
  if (!from_.valid() || time_slot >= context_.pipeline[from_].columns.size()) return {};
  return {sourceOf(context_.pipeline, {from_, time_slot})};
}

}  // namespace cd4ml::check
