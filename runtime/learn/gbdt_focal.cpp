#include "runtime/learn/gbdt_focal.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "runtime/score/link.h"
#include "runtime/score/sum.h"

namespace cd4ml::learn {

namespace {

constexpr std::size_t block_rows = 4096;
constexpr double least = 1e-15;  ///< a probability of 0 has no logarithm

double clipped(double p) { return std::clamp(p, least, 1 - least); }

}  // namespace

double FocalLoss::weightOf(std::size_t row) const {
  const double own = labels_.weight.empty() ? 1.0 : labels_.weight[row];
  return outputs_ == 1 && labels_.target[row] > 0 ? own * positive_weight_ : own;
}

std::vector<double> FocalLoss::start() const {
  const std::size_t rows = labels_.target.size();
  const auto shareOf = [&](std::size_t c) {
    return score::sumOf(rows, [&](std::size_t r) { return labels_.target[r] == static_cast<double>(c) ? weightOf(r) : 0.0; });
  };
  const double total = score::sumOf(rows, [&](std::size_t r) { return weightOf(r); });
  if (outputs_ == 1) {
    const double share = clipped(shareOf(1) / total);
    return {std::log(share / (1 - share))};
  }
  std::vector<double> scores;
  for (std::size_t c = 0; c < outputs_; ++c) scores.push_back(std::log(clipped(shareOf(c) / total)));
  return scores;
}

void FocalLoss::probabilities(std::span<const double> scores, std::size_t row, std::span<double> out) const {
  const std::size_t rows = labels_.target.size();
  if (outputs_ == 1) {
    out[0] = score::linkSigmoid(scores[row]);
    return;
  }
  double top = scores[row];
  for (std::size_t o = 1; o < outputs_; ++o) top = std::max(top, scores[o * rows + row]);
  double sum = 0;
  for (std::size_t o = 0; o < outputs_; ++o) sum += out[o] = score::linkExp(scores[o * rows + row] - top);
  for (std::size_t o = 0; o < outputs_; ++o) out[o] /= sum;
}

void FocalLoss::slopes(std::span<const double> scores, std::vector<float>& slope, std::vector<float>& curvature) const {
  const std::size_t rows = labels_.target.size();
  slope.resize(rows * outputs_);
  curvature.resize(rows * outputs_);
  parallelFor(threads_, (rows + block_rows - 1) / block_rows, [&](std::size_t block) {
    std::vector<double> p(outputs_);
    for (std::size_t r = block * block_rows; r < std::min(rows, (block + 1) * block_rows); ++r) {
      probabilities(scores, r, p);
      const double weight = weightOf(r);
      const auto happened = static_cast<std::size_t>(labels_.target[r]);
      const double q = clipped(outputs_ > 1 ? p[happened] : happened == 1 ? p[0] : 1 - p[0]);
      const double miss = 1 - q;
      const double log_q = std::log(q);
      // d loss / d score k = a (is k - p k) with a = (1 - q)(2 q log q - (1 - q)); b is its slope by q.
      const double a = miss * (2 * q * log_q - miss);
      const double b = miss - 2 * q * log_q + miss * (2 * log_q + 3);
      for (std::size_t o = 0; o < outputs_; ++o) {
        const double is = happened == (outputs_ == 1 ? 1 : o) ? 1.0 : 0.0;
        const double gap = is - p[o];
        const double spread = p[o] * (1 - p[o]);
        // The loss is not convex where it is very wrong: there the curvature of the logarithmic loss stands in.
        const double exact = b * q * gap * gap - a * spread;
        slope[o * rows + r] = static_cast<float>(weight * a * gap);
        curvature[o * rows + r] = static_cast<float>(weight * std::max(exact, miss * miss * spread));
      }
    }
  });
}

double FocalLoss::mean(std::span<const double> scores) const {
  const std::size_t rows = labels_.target.size();
  std::vector<double> p(outputs_);
  std::vector<double> loss(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    probabilities(scores, r, p);
    const auto happened = static_cast<std::size_t>(labels_.target[r]);
    const double q = clipped(outputs_ > 1 ? p[happened] : happened == 1 ? p[0] : 1 - p[0]);
    loss[r] = -weightOf(r) * (1 - q) * (1 - q) * std::log(q);
  }
  return score::sumOf(rows, [&](std::size_t r) { return loss[r]; }) / score::sumOf(rows, [&](std::size_t r) { return weightOf(r); });
}

}  // namespace cd4ml::learn
