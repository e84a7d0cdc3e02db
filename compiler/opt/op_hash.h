/// Definition hashes of slots: what a slot means, all the way down to the sources, without names, places or content.
#pragma once

#include <vector>

#include "base/digest.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

/// The hashes of all slots of a pipeline in normal form (docs/design/nf1.md).
class OpHashes {
 public:
  explicit OpHashes(const ir::Pipeline& normalised);
  [[nodiscard]] Digest of(ir::SlotRef slot) const { return hashes_[slot.node.index][slot.slot]; }

 private:
  std::vector<std::vector<Digest>> hashes_;
};

}  // namespace cd4ml::opt
