/// Leaves that note whether a node's columns were read at all.
#pragma once

#include "compiler/opt/define.h"

namespace cd4ml::opt {

class CountingLeaves final : public Leaves {
 public:
  CountingLeaves(Leaves& inner, ir::NodeId node) : inner_(inner), node_(node) {}
  Digest slot(ir::SlotRef slot) override {
    read_ = read_ || slot.node == node_;
    return inner_.slot(slot);
  }
  Digest part(ir::SlotRef slot, std::size_t index) override { return inner_.part(slot, index); }
  Digest rows(ir::NodeId node) override { return inner_.rows(node); }
  /// The number of rows of the node, if nothing else of it was read; else zero.
  [[nodiscard]] Digest rowsIfUnread() { return read_ ? Digest{} : inner_.rows(node_); }

 private:
  Leaves& inner_;
  ir::NodeId node_;
  bool read_ = false;
};

}  // namespace cd4ml::opt
