/// As-of joins of a table: for its own rows, or for rows that are scored.
#pragma once

#include <vector>

#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// Keys and time of the rows that are joined, in the order of the op's `left_keys`.
struct AsOfLeft {
  std::vector<data::Column> keys;
  data::Column time;
};

/// The columns `wanted` (places in the op's `results`), one value a left row; null where nothing matches. Error CD5023: a
/// tie would decide one of them.
[[nodiscard]] Result<std::vector<data::Column>> runAsOf(Run& run, const ir::AsOfOp& op, const AsOfLeft& left, const std::vector<std::size_t>& wanted);

}  // namespace cd4ml::engine
