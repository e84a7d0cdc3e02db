/// Fits of the encoders: one_hot, ordinal, target_encode and woe of categories, and by fitVocabulary tfidf of texts.
#pragma once

#include "runtime/data/pool_allocator.h"
#include "runtime/features/execute.h"
#include "runtime/features/statistics.h"

namespace cd4ml::features {

/// The numbers that an encoder's target gives, one column a class but the last (one in all for numbers and bools).
struct TargetNumbers {
  std::uint32_t width = 1;
  std::vector<data::Scratch<double>> columns;  ///< by element: value of each training row; NaN: no target
};
[[nodiscard]] TargetNumbers targetNumbers(const score::ColumnView& target, const RowSet& train);

/// Fits an encoder on all training rows. `target` is null for encoders that do not use one; `closed`: the levels of a
/// closed category.
[[nodiscard]] Result<score::FittedValue> fitEncoder(const ir::Value& encode, const score::ColumnView& category,
                                                    const std::vector<std::string>* closed, const TargetNumbers* target,
                                                    const RowSet& train);

/// target_encode or woe for each of `folds` sets of rows left out, and last on all rows. `fold_of[i]`: of training row i.
[[nodiscard]] std::vector<score::FittedValue> fitTargetFolds(const ir::Value& encode, const score::ColumnView& category,
                                                             const TargetNumbers& target, const RowSet& train,
                                                             std::span<const std::uint8_t> fold_of, int folds);

}  // namespace cd4ml::features
