// Features: one expression, over the parts of the split.
#include <functional>

#include "compiler/plan/define.h"
#include "compiler/plan/expression_text.h"
#include "compiler/plan/name_leaves.h"
#include "compiler/plan/window_words.h"

namespace cd4ml::plan {

std::vector<KeyPart> describeFeatures(const ir::Pipeline& pipeline, ir::SlotRef slot) {
  const auto& features = std::get<ir::Features>(pipeline[slot.node].body);
  const std::size_t count = features.features.size();
  const bool is_target = slot.slot == count && features.target.valid();
  const ir::ValueId value = slot.slot < count ? features.features[slot.slot] : is_target ? features.target : features.weight;
  const std::vector<ir::Column>& columns = pipeline[features.from].columns;
  const std::function<std::string(std::uint32_t)> name = [&](std::uint32_t column) {
    return column < columns.size() ? columns[column].name : windowWords(pipeline, features.windows[column - columns.size()], name);
  };
  NameLeaves leaves(pipeline);
  return {{.name = "definition",
           .value = opt::defineFeatures(pipeline, slot, leaves).hex(),
           .shown = expressionText(features.graph, value, name)}};
}

}  // namespace cd4ml::plan
