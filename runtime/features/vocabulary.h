/// The fit of tfidf: which terms of the training rows have a place in the vector, and how rare each is.
#pragma once

#include "runtime/features/execute.h"

namespace cd4ml::features {

/// `levels`: the vocabulary, sorted by bytes; `table`: the weight of rarity of each. An error if no term is left.
[[nodiscard]] Result<score::FittedValue> fitVocabulary(const ir::Value& encode, const score::ColumnView& texts, const RowSet& train);

/// The language's own logarithm, which has the same bits on every machine.
[[nodiscard]] double logarithm(double x);

}  // namespace cd4ml::features
