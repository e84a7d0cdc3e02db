#include "compiler/opt/history.h"

#include "compiler/opt/define_window.h"
#include "compiler/opt/definition_leaves.h"
#include "compiler/opt/op_hash.h"

namespace cd4ml::opt {

namespace {

std::map<ir::HistoryPlace, Digest> definitionsOf(const ir::Pipeline& pipeline, const OpHashes& hashes, ir::NodeId node) {
  std::map<ir::HistoryPlace, Digest> definitions;
  DefinitionLeaves leaves(hashes.all());
  if (const auto* features = std::get_if<ir::Features>(&pipeline[node].body)) {
    const std::vector<Digest> windows = defineWindows(pipeline, *features, leaves);
    for (std::uint32_t w = 0; w < windows.size(); ++w) definitions.emplace(ir::HistoryPlace{node, w}, windows[w]);
  }
  const auto* table = std::get_if<ir::Table>(&pipeline[node].body);
  if (table == nullptr) return definitions;
  const auto add = [&](std::uint32_t step, std::uint32_t column, ir::Variable variable) {
    definitions.emplace(ir::HistoryPlace{node, step, column}, defineVariable(pipeline, node, variable, step + 1, leaves));
  };
  for (std::uint32_t step = 0; step < table->ops.size(); ++step) {
    if (const auto* window = std::get_if<ir::WindowOp>(&table->ops[step])) add(step, 0, window->result);
    const auto* asof = std::get_if<ir::AsOfOp>(&table->ops[step]);
    for (std::uint32_t c = 0; asof != nullptr && c < asof->results.size(); ++c) add(step, c, asof->results[c]);
  }
  return definitions;
}

}  // namespace

std::map<ir::HistoryPlace, Digest> historyDefinitions(const ir::Pipeline& pipeline, ir::NodeId node) {
  return definitionsOf(pipeline, OpHashes(pipeline), node);
}

std::map<std::string, ir::HistoryPlace> historyPlaces(const ir::Pipeline& pipeline) {
  const OpHashes hashes(pipeline);
  std::map<std::string, ir::HistoryPlace> places;
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    for (const auto& [place, definition] : definitionsOf(pipeline, hashes, {n})) places.emplace(definition.hex(), place);
  }
  return places;
}

std::vector<HistoryNeed> historyNeeds(const ir::Pipeline& pipeline, ir::NodeId model) {
  std::vector<HistoryNeed> needs;
  std::map<std::pair<ir::NodeId, std::uint32_t>, std::size_t> known;
  for (const ir::HistoryInput& input : ir::deriveScoring(pipeline, model).history) {
    const auto [at, is_new] = known.try_emplace({input.place.node, input.place.step}, needs.size());
    if (is_new) needs.push_back({.place = input.place, .rows = input.rows, .reads = input.reads, .span = input.span});
    else needs[at->second].reads += "; " + input.reads;
  }
  return needs;
}

}  // namespace cd4ml::opt
