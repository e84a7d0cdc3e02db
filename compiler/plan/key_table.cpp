// Tables: the verbs that an output column depends on.
#include <map>

#include <fmt/format.h>

#include "compiler/plan/define.h"
#include "compiler/plan/expression_text.h"
#include "compiler/plan/name_leaves.h"

namespace cd4ml::plan {

namespace {

/// What a person calls the variables of a table: the columns that come in, then the outputs that they become.
std::map<ir::Variable, std::string> variableNames(const ir::Pipeline& pipeline, const ir::Node& node, const ir::Table& table) {
  std::map<ir::Variable, std::string> names;
  const std::vector<ir::Column>& columns = pipeline[table.from].columns;
  for (ir::Variable v = 0; v < columns.size(); ++v) names.emplace(v, columns[v].name);
  for (std::size_t i = 0; i < table.outputs.size() && i < node.columns.size(); ++i) names.emplace(table.outputs[i], node.columns[i].name);
  return names;
}

}  // namespace

std::vector<KeyPart> describeTable(const ir::Pipeline& pipeline, ir::SlotRef slot) {
  const ir::Node& node = pipeline[slot.node];
  const auto& table = std::get<ir::Table>(node.body);
  const std::map<ir::Variable, std::string> names = variableNames(pipeline, node, table);
  const auto name = [&](std::uint32_t variable) {
    const auto at = names.find(variable);
    return at == names.end() ? std::string("_") : at->second;
  };
  std::string text = name(table.outputs[slot.slot]);
  for (const ir::TableOp& op : table.ops) {
    const auto* derive = std::get_if<ir::DeriveOp>(&op);
    if (derive != nullptr && derive->result == table.outputs[slot.slot]) text = expressionText(table.graph, derive->value, name);
  }
  NameLeaves leaves(pipeline);
  return {{.name = "definition", .value = opt::defineTable(pipeline, slot, leaves).hex(), .shown = text}};
}

}  // namespace cd4ml::plan
