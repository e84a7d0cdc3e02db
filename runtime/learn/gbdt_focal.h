/// The focal loss -(1 - p)² log p of the probability p that is given to what happened (Lin et al., "Focal Loss for Dense
/// Object Detection", 2017, with γ = 2): rows that are right already count little. LightGBM has no such objective; it takes
/// slopes and curvatures from here, tree by tree.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"

namespace cd4ml::learn {

class FocalLoss {
 public:
  /// `classes`: 2 with one score a row (of true), else one score a class. `labels` must outlive it.
  FocalLoss(const Labels& labels, std::size_t classes, double positive_weight, int threads)
      : labels_(labels), outputs_(classes == 2 ? 1 : classes), positive_weight_(positive_weight), threads_(threads) {}

  [[nodiscard]] std::size_t outputs() const { return outputs_; }
  /// The score of each output before the first tree: what the shares of the classes say.
  [[nodiscard]] std::vector<double> start() const;
  /// Slope and curvature by every score; all three are outputs × rows.
  void slopes(std::span<const double> scores, std::vector<float>& slope, std::vector<float>& curvature) const;
  /// Mean loss of the rows.
  [[nodiscard]] double mean(std::span<const double> scores) const;

 private:
  [[nodiscard]] double weightOf(std::size_t row) const;
  /// Probabilities of all classes of one row; of true alone where there is one score.
  void probabilities(std::span<const double> scores, std::size_t row, std::span<double> out) const;

  const Labels& labels_;
  std::size_t outputs_;
  double positive_weight_;
  int threads_;
};

}  // namespace cd4ml::learn
