/// Definitions of slots as digests, with a digest of the caller's choice standing for each column that is read: the
/// column's own definition (`OpHashes`), its content (keys), or its name (to see whether a definition itself changed).
#pragma once

#include "base/digest.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

/// What stands for what a definition reads. A slot that is not asked for is not read.
class Leaves {
 public:
  Leaves() = default;
  Leaves(const Leaves&) = delete;
  Leaves& operator=(const Leaves&) = delete;
  virtual ~Leaves() = default;
  virtual Digest slot(ir::SlotRef slot) = 0;
  /// One part of a features slot: the `index`th of those that exist.
  virtual Digest part(ir::SlotRef slot, std::size_t index) = 0;
  /// How many rows a node has; asked for where none of its columns is read.
  virtual Digest rows(ir::NodeId node) = 0;
};

[[nodiscard]] Digest defineSource(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves);
[[nodiscard]] Digest defineTable(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves);
/// A variable of a table as it is right after the first `steps` verbs.
[[nodiscard]] Digest defineVariable(const ir::Pipeline& pipeline, ir::NodeId table, ir::Variable variable, std::size_t steps, Leaves& leaves);
[[nodiscard]] Digest defineFeatures(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves);
[[nodiscard]] Digest defineSplit(const ir::Pipeline& pipeline, ir::SlotRef slot, Leaves& leaves);

/// The columns that make the row id of features without a split, by role; slots of their `from` node.
[[nodiscard]] std::vector<std::uint32_t> rowIdColumns(const ir::Node& node);

}  // namespace cd4ml::opt
