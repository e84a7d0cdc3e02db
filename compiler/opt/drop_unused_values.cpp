#include <vector>

#include "compiler/opt/passes.h"

namespace cd4ml::opt {

void dropUnusedValues(ir::Pipeline& pipeline) {
  for (ir::Node& node : pipeline.nodes) {
    ir::Graph* graph = graphOf(node.body);
    if (graph == nullptr) continue;
    std::vector<bool> used(graph->values.size(), false);
    forEachRoot(node.body, [&](ir::ValueId& root) { used[root.index] = true; });
    for (std::size_t i = used.size(); i-- > 0;) {
      if (!used[i]) continue;
      for (const ir::ValueId arg : graph->values[i].args) used[arg.index] = true;
    }
    ir::Graph kept;
    std::vector<ir::ValueId> moved(used.size());
    for (std::size_t i = 0; i < used.size(); ++i) {
      if (!used[i]) continue;
      for (ir::ValueId& arg : graph->values[i].args) arg = moved[arg.index];
      moved[i] = kept.add(std::move(graph->values[i]));
    }
    forEachRoot(node.body, [&](ir::ValueId& root) { root = moved[root.index]; });
    *graph = std::move(kept);
  }
}

}  // namespace cd4ml::opt
