/// Columns and the target of a node computed from raw rows: what the pipeline derives row by row, replayed on rows that
/// came later. Filters are left out, as in scoring.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compiler/ir/scoring.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// One value with the raw columns of S that it needs.
struct RawValue {
  ir::ScoringProgram program;  ///< of one feature
  [[nodiscard]] bool readsHistory() const { return !program.history.empty(); }
};

/// Column `slot` of `node` (a source, or a table).
[[nodiscard]] RawValue rawValueOfColumn(const ir::Pipeline& pipeline, ir::NodeId node, std::uint32_t slot);
/// A value of a features node's graph: its target, its weight.
[[nodiscard]] RawValue rawValueOf(const ir::Pipeline& pipeline, ir::NodeId features, ir::ValueId value, const ir::Type& type);
/// The node S whose columns raw rows have.
[[nodiscard]] ir::NodeId rawNode(const ir::Pipeline& pipeline, ir::NodeId node);

/// Raw columns by name; all have as many rows.
using RawColumns = std::map<std::string, data::Column>;

/// The value on all rows; null where a column is null that training took for granted, or where a check of the program
/// does not hold. Every input must be there.
[[nodiscard]] Result<data::Column> computeRaw(Run& run, const RawValue& value, const RawColumns& raw, std::int64_t rows);

}  // namespace cd4ml::engine
