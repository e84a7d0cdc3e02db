#include "compiler/plan/plan.h"

#include <fmt/format.h>

#include "base/internal_check.h"

namespace cd4ml::plan {

namespace {

/// Why a slot is not in the cache, against what its key was made of the last time.
std::string missReason(const Cache& cache, ir::SlotRef slot, const Key& key, std::string_view name) {
  const std::optional<std::vector<KeyPart>> before = cache.last ? cache.last(slot) : std::nullopt;
  if (!before.has_value()) return fmt::format("`{}` is new", name);
  const std::vector<std::string> differences = describeDifference(*before, key.parts);
  return differences.empty() ? fmt::format("the result of `{}` is gone", name) : differences.front();
}

/// The first input that is not known yet, by the name of its node.
std::string maybeReason(const Keyer& keyer, ir::SlotRef slot, const Known& known) {
  for (const ir::SlotRef input : keyer.inputsOf(slot)) {
    if (!known.slots.contains(input)) return fmt::format("below `{}`", keyer.pipeline()[input.node].name);
  }
  return "its inputs are not known yet";
}

void planSlot(const Keyer& keyer, ir::SlotRef slot, Known& known, const Cache& cache, Stage& stage) {
  const std::optional<Key> key = keyer.key(slot, known);
  if (!key.has_value()) {
    if (stage.maybe.empty() && stage.run.empty()) stage.reason = maybeReason(keyer, slot, known);
    stage.maybe.push_back(slot);
    return;
  }
  if (std::optional<Content> content = cache.find(key->id)) {
    known.slots.insert_or_assign(slot, std::move(*content));
    stage.reuse.push_back(slot);
    return;
  }
  if (stage.run.empty()) stage.reason = missReason(cache, slot, *key, ir::slotNames(keyer.pipeline()[slot.node])[slot.slot]);
  stage.run.push_back(slot);
}

}  // namespace

std::string_view actionText(Action action) {
  switch (action) {
    case Action::Run: return "run";
    case Action::Reuse: return "reuse";
    case Action::Maybe: return "maybe";
  }
  CD4ML_UNREACHABLE("action");
}

std::vector<Stage> makePlan(const Keyer& keyer, const std::vector<ir::SlotRef>& wanted, Known& known, const Cache& cache) {
  std::vector<Stage> stages;
  for (const ir::SlotRef slot : wanted) {
    if (stages.empty() || stages.back().node != slot.node) stages.push_back({.node = slot.node, .action = Action::Reuse, .reason = {}});
    planSlot(keyer, slot, known, cache, stages.back());
  }
  for (Stage& stage : stages) {
    if (!stage.run.empty()) stage.action = Action::Run;
    else if (!stage.maybe.empty()) stage.action = Action::Maybe;
    if (stage.action == Action::Reuse) stage.reason = "nothing it reads has changed";
  }
  return stages;
}

}  // namespace cd4ml::plan
