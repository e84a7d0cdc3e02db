#include "runtime/exec/sub_run.h"

#include <algorithm>

namespace cd4ml::exec {

SubRun::SubRun(ir::Pipeline variant, RunState& from, const std::function<bool(ir::NodeId)>& changed, const RunnerConfig& config)
    : pipeline_(std::move(variant)), config_(config), keyer_(pipeline_) {
  const std::lock_guard lock(from.mutex);
  state_.engine = from.engine;
  state_.plan = from.plan;
  state_.engine.pipeline = &pipeline_;
  std::erase_if(state_.engine.slots, [&](const auto& slot) { return changed(slot.first.node); });
  std::erase_if(state_.plan.slots, [&](const auto& slot) { return changed(slot.first.node); });
}

void SubRun::collect(ir::SlotRef slot, std::map<ir::NodeId, std::vector<std::uint32_t>>& wanted) const {
  if (state_.engine.slots.contains(slot)) return;
  std::vector<std::uint32_t>& slots = wanted[slot.node];
  if (std::find(slots.begin(), slots.end(), slot.slot) != slots.end()) return;
  slots.push_back(slot.slot);
  for (const ir::SlotRef input : keyer_.inputsOf(slot)) collect(input, wanted);
}

Result<engine::SlotContent> SubRun::bring(ir::SlotRef slot, int threads) {
  std::map<ir::NodeId, std::vector<std::uint32_t>> wanted;
  collect(slot, wanted);
  static const Observer nobody;
  const NodeRun nodes(keyer_, config_, nobody, Trace::Quiet);
  for (auto& [node, slots] : wanted) {
    std::sort(slots.begin(), slots.end());
    StageResult stage = nodes.run(node, slots, state_, threads);
    if (stage.error) return *std::move(stage.error);
    if (stage.status == StageStatus::Cancelled) return makeError("CD5503", "cancelled");
    CD4ML_CHECK(stage.status == StageStatus::Ran || stage.status == StageStatus::Cached);
    computed_ = computed_ || stage.status == StageStatus::Ran;
  }
  const std::lock_guard lock(state_.mutex);
  return state_.engine.slots.at(slot);
}

}  // namespace cd4ml::exec
