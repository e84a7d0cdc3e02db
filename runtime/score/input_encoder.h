/// Turns feature columns into model inputs, float64 a block of rows at a time: numbers as they are, bool 0 or 1, a
/// category its level's code, null and unseen NaN.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/score/column_view.h"
#include "runtime/score/model.h"

namespace cd4ml::score {

class InputEncoder {
 public:
  /// `columns`: one view a model input (a vector: one an element); their memory must outlive the encoder.
  InputEncoder(const std::vector<FeatureInput>& features, std::span<const ColumnView> columns);

  [[nodiscard]] std::size_t inputs() const { return columns_.size(); }
  /// Rows [begin, begin + count) of one input.
  void encode(std::size_t input, std::int64_t begin, std::int64_t count, double* out) const;

 private:
  std::vector<ColumnView> columns_;
  std::vector<std::vector<double>> codes_;  ///< category: model code of each code of the column, NaN for unseen
};

}  // namespace cd4ml::score
