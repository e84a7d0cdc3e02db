/// Definition hashes of columns: what a slot means, all the way down to the sources, without names, places or content.
#pragma once

#include <vector>

#include "base/digest.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

/// How many slots a node has; of features: features, target, weight.
[[nodiscard]] std::uint32_t slotCount(const ir::Node& node);

/// The hashes of the slots of sources, tables, features and splits (docs/design/nf1.md §Definitions).
class OpHashes {
 public:
  explicit OpHashes(const ir::Pipeline& pipeline);
  /// By node and slot.
  [[nodiscard]] const std::vector<std::vector<Digest>>& all() const { return hashes_; }
  [[nodiscard]] const Digest& of(ir::SlotRef slot) const { return hashes_[slot.node.index][slot.slot]; }

 private:
  std::vector<std::vector<Digest>> hashes_;
};

}  // namespace cd4ml::opt
