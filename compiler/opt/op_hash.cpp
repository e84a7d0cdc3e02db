#include "compiler/opt/op_hash.h"

#include "compiler/opt/definition_leaves.h"

namespace cd4ml::opt {

std::uint32_t slotCount(const ir::Node& node) {
  const auto* features = std::get_if<ir::Features>(&node.body);
  if (features == nullptr) return static_cast<std::uint32_t>(ir::slotNames(node).size());
  return static_cast<std::uint32_t>(features->features.size()) + (features->target.valid() ? 1 : 0) + (features->weight.valid() ? 1 : 0);
}

OpHashes::OpHashes(const ir::Pipeline& pipeline) {
  DefinitionLeaves leaves(hashes_);
  for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
    const ir::Node& node = pipeline.nodes[n];
    std::vector<Digest>& slots = hashes_.emplace_back();
    for (std::uint32_t s = 0; s < slotCount(node); ++s) {
      const ir::SlotRef slot{{n}, s};
      Digest digest;
      if (std::holds_alternative<ir::Source>(node.body)) digest = defineSource(pipeline, slot, leaves);
      else if (std::holds_alternative<ir::Table>(node.body)) digest = defineTable(pipeline, slot, leaves);
      else if (std::holds_alternative<ir::Features>(node.body)) digest = defineFeatures(pipeline, slot, leaves);
      else if (std::holds_alternative<ir::Split>(node.body)) digest = defineSplit(pipeline, slot, leaves);
      slots.push_back(digest);
    }
  }
}

}  // namespace cd4ml::opt
