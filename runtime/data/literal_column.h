/// Columns made of literals: the rows that a test gives and expects.
#pragma once

#include <span>

#include "compiler/ir/value.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

/// A column of `type` with one row a literal; the checker has made every literal fit (null only where the type allows,
/// categories and texts as texts, levels of closed categories). Not for vectors.
[[nodiscard]] Column literalColumn(const ir::Type& type, std::span<const ir::Literal> literals);

}  // namespace cd4ml::data
