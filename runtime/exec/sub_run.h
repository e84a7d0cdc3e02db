/// Brings slots of a variant of the pipeline up to date inside the stage of one node, quietly: a search's trial, the
/// training of a fold. What the variant shares with the pipeline is known already; the rest comes from the cache or the
/// engine, under keys of its own, and is cached as soon as it is there.
#pragma once

#include <functional>

#include "runtime/exec/node_run.h"

namespace cd4ml::exec {

class SubRun {
 public:
  /// `changed` tells the nodes whose slots are others in the variant.
  SubRun(ir::Pipeline variant, RunState& from, const std::function<bool(ir::NodeId)>& changed, const RunnerConfig& config);
  SubRun(const SubRun&) = delete;
  SubRun& operator=(const SubRun&) = delete;

  /// The slot's content, after all that it reads. An error is that of the node that failed.
  [[nodiscard]] Result<engine::SlotContent> bring(ir::SlotRef slot, int threads);
  /// Whether anything had to be computed so far.
  [[nodiscard]] bool computed() const { return computed_; }
  [[nodiscard]] const ir::Pipeline& pipeline() const { return pipeline_; }
  [[nodiscard]] RunState& state() { return state_; }

 private:
  void collect(ir::SlotRef slot, std::map<ir::NodeId, std::vector<std::uint32_t>>& wanted) const;

  ir::Pipeline pipeline_;
  const RunnerConfig& config_;
  plan::Keyer keyer_;
  RunState state_;
  bool computed_ = false;
};

}  // namespace cd4ml::exec
