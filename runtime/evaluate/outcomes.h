/// What happened and what was predicted, row by row, as the metrics read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/evaluate/evaluate.h"

namespace cd4ml::evaluate {

struct Outcomes {
  ir::Task task = ir::Task::Regression;
  std::vector<std::string> classes;     ///< binary: false, true; multiclass: the model's, then those it does not know
  std::vector<double> target;           ///< regression: the number
  std::vector<double> number;           ///< regression: the predicted number
  std::vector<std::int32_t> actual;     ///< class that happened
  std::vector<std::int32_t> predicted;  ///< binary, multiclass: class predicted
  std::vector<double> probability;      ///< binary: of true; multiclass: of the predicted class
  std::vector<double> given;            ///< multiclass: probability given to what happened
  std::vector<double> weight;           ///< empty: all rows weigh 1
  std::vector<std::uint32_t> by_score;  ///< binary, once sorted: rows by rising probability
  std::vector<std::uint32_t> by_error;  ///< regression, once sorted: rows by rising absolute error, NaN last
  std::vector<std::vector<std::uint32_t>> by_class_score;  ///< multiclass, once sorted: of each class, rows by rising probability
  const score::Predictions* predictions = nullptr;  ///< multiclass: where the probabilities of all classes are
  std::vector<std::int32_t> source;     ///< multiclass: each row's place there
  std::size_t known_classes = 0;        ///< multiclass: the model's, the first of `classes`

  [[nodiscard]] std::size_t rows() const { return task == ir::Task::Regression ? target.size() : actual.size(); }
  /// Multiclass: the probability of class c; 0 where the model does not know it.
  [[nodiscard]] double classProbability(std::size_t c, std::size_t row) const {
    if (c >= known_classes) return 0.0;
    return predictions->by_class[c * static_cast<std::size_t>(predictions->rows) + static_cast<std::size_t>(source[row])];
  }
  [[nodiscard]] double weightOf(std::size_t row) const { return weight.empty() ? 1.0 : weight[row]; }
};

/// Rows of the request that have a target, ascending.
[[nodiscard]] std::vector<std::int32_t> labelledRows(const EvaluateRequest& request);

/// The outcomes of these rows. Error CD5016: a weight is null, negative or not finite.
[[nodiscard]] Result<Outcomes> outcomesOf(const EvaluateRequest& request, std::span<const std::int32_t> rows);

/// Sorts rows by probability (binary), by absolute error (regression), by the probability of each class (multiclass), if
/// it is not done.
void sortByScore(Outcomes& outcomes);
void sortByError(Outcomes& outcomes);
void sortByClassScore(Outcomes& outcomes);

/// The outcomes of some rows of others; keeps a sorting. `places[row]` is the new place of a row or -1.
[[nodiscard]] Outcomes select(const Outcomes& outcomes, std::span<const std::int32_t> rows, std::vector<std::int32_t> order);

}  // namespace cd4ml::evaluate
