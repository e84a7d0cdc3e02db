/// The fitted state of a graph: what Fit and Encode values learned from the training rows. Frozen into the bundle and
/// handed to compiled code through a table, so a refit reuses object code.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "compiler/ir/value.h"

namespace cd4ml::score {

/// State of one Fit or Encode value.
struct FittedValue {
  /// Fit: one number (an int, date, … statistic is exact in `integer`); null when there was nothing to learn from.
  bool null = false;
  double number = 0;
  std::int64_t integer = 0;
  std::string text;                  ///< a fitted category (mode)
  /// Encode of a category: its levels seen in training, sorted by bytes, and for each level `width` numbers:
  /// one_hot 1 of k, ordinal the code, target_encode the smoothed mean (one a class but the last in multiclass),
  /// woe the weight of evidence. tfidf: the words of its vocabulary, and for each one number, how rare it is.
  std::vector<std::string> levels;
  std::vector<double> table;         ///< levels.size() × width; one_hot: nothing, tfidf: one a level
  std::vector<double> unseen;        ///< width numbers for a value not in `levels`
  std::vector<double> missing;       ///< width numbers for null
  std::uint32_t width = 1;
  std::uint64_t skipped = 0;         ///< nulls and non-finite values left out of the fit
};

/// By index of the value in its graph.
using FittedState = std::map<std::uint32_t, FittedValue>;

}  // namespace cd4ml::score
