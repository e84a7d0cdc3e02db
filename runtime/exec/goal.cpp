#include <algorithm>

#include "runtime/exec/runner.h"

namespace cd4ml::exec {

namespace {

void addOnce(std::vector<ir::NodeId>& nodes, ir::NodeId node) {
  if (std::find(nodes.begin(), nodes.end(), node) == nodes.end()) nodes.push_back(node);
}

/// A gate is decided after the run; as a node it stands for what it is judged on, with all that this needs in turn.
void addGate(ir::NodeId gate, Goal& goal) {
  addOnce(goal.gates, gate);
  addOnce(goal.nodes, gate);
}

}  // namespace

Goal goalOf(const ir::Pipeline& pipeline, const std::vector<ir::NodeId>& targets) {
  Goal goal;
  if (targets.empty()) {
    const std::vector<bool> of_entry = ir::nodesOfEntry(pipeline);
    for (std::uint32_t i = 0; i < pipeline.nodes.size(); ++i) {
      if (of_entry[i] && std::holds_alternative<ir::Gate>(pipeline.nodes[i].body)) goal.gates.push_back({i});
    }
    return goal;
  }
  for (const ir::NodeId target : targets) {
    const ir::NodeBody& body = pipeline[target].body;
    if (std::holds_alternative<ir::Gate>(body)) {
      addGate(target, goal);
    } else if (const auto* deploy = std::get_if<ir::Deploy>(&body)) {
      addOnce(goal.nodes, deploy->model);
      if (deploy->gate.valid()) addGate(deploy->gate, goal);
    } else if (!std::holds_alternative<ir::Notify>(body) && !std::holds_alternative<ir::Monitor>(body)) {
      addOnce(goal.nodes, target);
    }
  }
  std::sort(goal.gates.begin(), goal.gates.end());
  goal.nothing = goal.nodes.empty();
  return goal;
}

}  // namespace cd4ml::exec
