/// Leaves whose digests are the names of what is read: they show whether a definition changed in itself, whatever became
/// of its inputs. Never part of a key.
#pragma once

#include <string>

#include "compiler/opt/define.h"

namespace cd4ml::plan {

class NameLeaves final : public opt::Leaves {
 public:
  explicit NameLeaves(const ir::Pipeline& pipeline) : pipeline_(pipeline) {}
  Digest slot(ir::SlotRef slot) override {
    return Hasher("cd4ml name").string(pipeline_[slot.node].name).string(ir::slotNames(pipeline_[slot.node])[slot.slot]).finish();
  }
  Digest part(ir::SlotRef slot_ref, std::size_t index) override { return Hasher("cd4ml name").digest(slot(slot_ref)).u64(index).finish(); }
  Digest rows(ir::NodeId node) override { return Hasher("cd4ml name").string(pipeline_[node].name).finish(); }

 private:
  const ir::Pipeline& pipeline_;
};

}  // namespace cd4ml::plan
