/// Predictions of a batch: feature columns in, raw scores, probabilities and predicted values out.
///
/// A row's bits depend on that row alone: not on the batch, the CPU or the number of threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/score/column_view.h"
#include "runtime/score/model.h"

namespace cd4ml::score {

/// What a model says about `rows` rows.
struct Predictions {
  std::int64_t rows = 0;
  std::vector<double> raw;            ///< raw[o * rows + r]
  std::vector<double> number;         ///< regression: the predicted number
  std::vector<double> probability;    ///< binary: of true; multiclass: of the predicted class
  std::vector<double> by_class;       ///< multiclass: by_class[c * rows + r]
  std::vector<std::int32_t> label;    ///< binary: 1 where probability >= threshold; multiclass: the class's code
  std::vector<std::int64_t> unknown{};  ///< rows whose key has no model, ascending; nothing is said of them
};

/// Features of a batch in the model's order; of a vector feature one Float view an element, in their order. Of a model
/// with keys the key columns follow.
using FeatureViews = std::span<const ColumnView>;

/// Immutable and thread-safe.
class Predictor {
 public:
  explicit Predictor(Model model);
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  [[nodiscard]] const Model& model() const;
  /// Predicts all rows, on at most `threads` threads. Columns have model().inputs() entries, and one a key column.
  [[nodiscard]] Predictions predict(FeatureViews columns, std::int64_t rows, int threads) const;
  /// The same from model inputs that are encoded already (float64, a category its code), into memory that is reused. Not
  /// for a model with keys.
  void predictInputs(ModelInput inputs, std::int64_t rows, Predictions& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cd4ml::score
