/// Where the variables of a table get their values: what replaying a table's verbs for a single row goes by.
#pragma once

#include <map>
#include <set>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::ir {

/// Index after the last op that does not keep rows; 0: all keep them.
[[nodiscard]] std::size_t endOfRows(const Table& table);

/// Where a variable of a table gets its values.
struct Definition {
  const DeriveOp* derive = nullptr;
  const JoinOp* join = nullptr;
  const WindowOp* window = nullptr;
  const AsOfOp* asof = nullptr;
  std::size_t join_column = 0;
  std::size_t op = 0;
};

/// Those of all variables that an op makes.
[[nodiscard]] std::map<Variable, Definition> definitionsOf(const Table& table);
/// The variables of the row itself that a definition reads, each once.
[[nodiscard]] std::set<Variable> readsOf(const Table& table, const Definition& definition);

/// The values that `roots` need, arguments included; of Fit none, of Encode the first. As long as the last root asks.
[[nodiscard]] std::vector<bool> neededValues(const Graph& graph, const std::vector<ValueId>& roots);

}  // namespace cd4ml::ir
