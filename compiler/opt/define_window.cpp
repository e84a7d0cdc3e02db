#include "compiler/opt/define_window.h"

#include <algorithm>

#include "compiler/opt/nf1.h"
#include "compiler/opt/value_digest.h"
#include "compiler/opt/versions.h"

namespace cd4ml::opt {

namespace {

void encodeFrame(Hasher& hasher, const ir::Window& window) {
  hasher.u8(static_cast<std::uint8_t>(window.frame)).u8(static_cast<std::uint8_t>(window.direction));
  hasher.u64(static_cast<std::uint64_t>(window.gap_us)).u64(static_cast<std::uint64_t>(window.extent_us));
  hasher.u64(static_cast<std::uint64_t>(window.extent_months)).u64(static_cast<std::uint64_t>(window.rows));
}

}  // namespace

void encodeKnownAfter(Hasher& hasher, const ir::Period& known_after) {
  hasher.u8(known_after.isZero() ? 0 : 2);
  if (known_after.isZero()) return;
  hasher.u64(static_cast<std::uint64_t>(known_after.us)).u64(static_cast<std::uint64_t>(known_after.months));
}

Digest defineWindow(const ir::Window& window, const WindowSides& sides, Leaves& leaves) {
  const auto folded = [&](std::uint32_t slot) {
    return window.node.valid() ? leaves.slot({window.node, slot}) : sides.folded(slot);
  };
  ValueDigests values(window.graph, [&](std::uint32_t slot) {
    if (slot < window.row_base) return folded(slot);
    return begin(Tag::WindowRow).digest(sides.current(window.row_inputs[slot - window.row_base])).finish();
  });
  Hasher hasher = begin(Tag::Window);
  hasher.digest(sides.rows).u8(window.node.valid() ? 1 : 0);
  hasher.string(window.aggregate).string(versionOf(Versioned::Window, window.aggregate));
  encode(hasher, window.type);
  encodeFrame(hasher, window);
  hasher.u8(window.argument.valid() ? 1 : 0);
  if (window.argument.valid()) hasher.digest(values.of(window.argument));
  hasher.u64(window.options.size());
  for (const ir::Literal& option : window.options) encode(hasher, option);
  std::vector<std::pair<Digest, Digest>> keys;
  for (std::size_t k = 0; k < window.current_keys.size(); ++k) {
    keys.emplace_back(sides.current(window.current_keys[k]), folded(window.folded_keys[k]));
  }
  std::sort(keys.begin(), keys.end());
  hasher.u64(keys.size());
  for (const auto& [left, right] : keys) hasher.digest(left).digest(right);
  hasher.digest(sides.current(window.current_time)).digest(folded(window.folded_time));
  if (window.folded_available != ir::no_slot) {
    hasher.u8(1).digest(folded(window.folded_available));
  } else {
    encodeKnownAfter(hasher, window.known_after);
  }
  std::vector<Digest> ends;
  for (const ir::SlotRef& end : window.ends) ends.push_back(leaves.slot(end));
  std::sort(ends.begin(), ends.end());
  hasher.u64(ends.size());
  for (const Digest& end : ends) hasher.digest(end);
  return hasher.finish();
}

std::vector<Digest> defineWindows(const ir::Pipeline& pipeline, const ir::Features& features, Leaves& leaves) {
  const auto columns = static_cast<std::uint32_t>(pipeline[features.from].columns.size());
  std::vector<Digest> windows;
  const auto column = [&](std::uint32_t slot) { return slot < columns ? leaves.slot({features.from, slot}) : windows[slot - columns]; };
  for (const ir::Window& window : features.windows) windows.push_back(defineWindow(window, {.current = column, .folded = column, .rows = {}}, leaves));
  return windows;
}

std::vector<std::uint32_t> ownSlotsRead(const ir::Window& window) {
  std::vector<std::uint32_t> slots = window.current_keys;
  slots.push_back(window.current_time);
  slots.insert(slots.end(), window.row_inputs.begin(), window.row_inputs.end());
  if (!window.node.valid()) {
    slots.insert(slots.end(), window.folded_keys.begin(), window.folded_keys.end());
    slots.push_back(window.folded_time);
    if (window.folded_available != ir::no_slot) slots.push_back(window.folded_available);
    for (const ir::Value& value : window.graph.values) {
      if (value.op == ir::Op::Input && value.slot < window.row_base) slots.push_back(value.slot);
    }
  }
  std::sort(slots.begin(), slots.end());
  slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
  return slots;
}

}  // namespace cd4ml::opt
