#include "runtime/engine/table_program.h"

namespace cd4ml::engine {

Result<std::vector<SlotContent>> runTable(Run& run, ir::NodeId id, const Slots& slots) {
  const auto& table = std::get<ir::Table>(run.node(id).body);
  std::vector<ir::Variable> wanted;
  for (const std::uint32_t slot : slots) wanted.push_back(table.outputs[slot]);
  const Stopwatch watch;
  CD4ML_TRY(const TableRows rows, runVerbs(run, id, wanted, Follow::Nothing));
  const Cost cost{watch.seconds() / static_cast<double>(slots.size()), false};
  std::vector<SlotContent> out;
  for (const ir::Variable variable : wanted) {
    CD4ML_TRY(out.emplace_back(), keepColumn(run, rows.variables[variable], cost));
  }
  return out;
}

}  // namespace cd4ml::engine
