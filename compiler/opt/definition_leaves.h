/// Leaves whose digests are the definitions of what is read: no content, no names.
#pragma once

#include <vector>

#include "compiler/opt/define.h"
#include "compiler/opt/nf1.h"

namespace cd4ml::opt {

class DefinitionLeaves final : public Leaves {
 public:
  /// `hashes` by node and slot; it may still grow, inputs come before their users.
  explicit DefinitionLeaves(const std::vector<std::vector<Digest>>& hashes) : hashes_(hashes) {}

  Digest slot(ir::SlotRef slot) override { return hashes_[slot.node.index][slot.slot]; }
  Digest part(ir::SlotRef slot, std::size_t index) override {
    return begin(Tag::Part).digest(hashes_[slot.node.index][slot.slot]).u64(index).finish();
  }
  Digest rows(ir::NodeId node) override {
    // Any column knows the rows; the least digest is the one that order and names do not choose.
    const std::vector<Digest>& columns = hashes_[node.index];
    Digest least;
    for (std::size_t i = 0; i < columns.size(); ++i) least = i == 0 || columns[i] < least ? columns[i] : least;
    return begin(Tag::TableRows).digest(least).finish();
  }

 private:
  const std::vector<std::vector<Digest>>& hashes_;
};

}  // namespace cd4ml::opt
