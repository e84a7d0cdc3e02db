#include <vector>

#include "compiler/opt/passes.h"

namespace cd4ml::opt {

namespace {

/// Keeps what the `used` values need; where each value went.
std::vector<ir::ValueId> keepUsed(ir::Graph& graph, std::vector<bool> used) {
  for (std::size_t i = used.size(); i-- > 0;) {
    if (!used[i]) continue;
    for (const ir::ValueId arg : graph.values[i].args) used[arg.index] = true;
  }
  ir::Graph kept;
  std::vector<ir::ValueId> moved(used.size());
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    for (ir::ValueId& arg : graph.values[i].args) arg = moved[arg.index];
    moved[i] = kept.add(std::move(graph.values[i]));
  }
  graph = std::move(kept);
  return moved;
}

}  // namespace

void dropUnusedValues(ir::Pipeline& pipeline) {
  for (ir::Node& node : pipeline.nodes) {
    forEachWindow(node.body, [](ir::Window& window) {
      std::vector<bool> used(window.graph.values.size(), false);
      if (window.argument.valid()) used[window.argument.index] = true;
      const std::vector<ir::ValueId> moved = keepUsed(window.graph, std::move(used));
      if (window.argument.valid()) window.argument = moved[window.argument.index];
    });
    ir::Graph* graph = graphOf(node.body);
    if (graph == nullptr) continue;
    std::vector<bool> used(graph->values.size(), false);
    forEachRoot(node.body, [&](ir::ValueId& root) { used[root.index] = true; });
    const std::vector<ir::ValueId> moved = keepUsed(*graph, std::move(used));
    forEachRoot(node.body, [&](ir::ValueId& root) { root = moved[root.index]; });
  }
}

}  // namespace cd4ml::opt
