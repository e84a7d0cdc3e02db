/// Columns of two row sets one after the other, for `union`.
#pragma once

#include "runtime/data/column.h"

namespace cd4ml::data {

/// The rows of `first`, then those of `second`, with the type `ir::unionType` of theirs, which exists.
[[nodiscard]] Column append(const Column& first, const Column& second);

}  // namespace cd4ml::data
