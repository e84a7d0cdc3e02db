/// The backward slice of a table: which of its variables matter where, for wanted results. Keys and the engine go by the
/// same slice, so what is hashed is what is computed.
#pragma once

#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

using VariableSet = std::vector<bool>;  ///< by variable

class TableNeeds {
 public:
  TableNeeds(const ir::Table& table, const std::vector<ir::Variable>& wanted) : TableNeeds(table, wanted, table.ops.size()) {}
  /// Of the first `steps` ops alone, after which `wanted` are there.
  TableNeeds(const ir::Table& table, const std::vector<ir::Variable>& wanted, std::size_t steps);
  /// Read by op `step` or after it, or wanted.
  [[nodiscard]] const VariableSet& before(std::size_t step) const { return needs_[step]; }
  /// Read after op `step`, or wanted.
  [[nodiscard]] const VariableSet& after(std::size_t step) const { return needs_[step + 1]; }

 private:
  std::vector<VariableSet> needs_;  ///< one more than steps
};

/// Whether an op that brings in columns is run at all: a look-up of which nothing is needed decides neither rows nor
/// values.
[[nodiscard]] bool matters(const ir::JoinOp& op, const VariableSet& after);
[[nodiscard]] bool matters(const ir::AsOfOp& op, const VariableSet& after);

}  // namespace cd4ml::opt
