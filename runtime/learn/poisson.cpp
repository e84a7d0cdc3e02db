// `poisson`: counts behind a logarithm, by Newton's method on standardized inputs. The constant bears no penalty.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/newton.h"
#include "runtime/learn/options.h"
#include "runtime/learn/standardized.h"
#include "runtime/score/link.h"
#include "runtime/score/sum.h"

namespace cd4ml::learn {

namespace {

constexpr auto stride = static_cast<std::size_t>(Standardized::block_rows);

/// Loss Σ w (exp(z) - y z) + ½ l2 Σ β².
class Counts final : public SmoothLoss {
 public:
  Counts(const Standardized& inputs, const Labels& labels, std::size_t size, double l2, int threads)
      : inputs_(inputs), labels_(labels), size_(size), l2_(l2), threads_(threads) {}

  [[nodiscard]] double lossAt(const std::vector<double>& beta) const override { return sums(beta, 1)[0] + penalty(beta); }

  [[nodiscard]] LossPoint at(const std::vector<double>& beta) const override {
    const std::vector<double> sum = sums(beta, 1 + size_ + size_ * (size_ + 1) / 2);
    LossPoint point{.loss = sum[0] + penalty(beta), .gradient = std::vector<double>(size_), .curvature = xt::xtensor<double, 2>::from_shape({size_, size_})};
    std::size_t k = 1 + size_;
    for (std::size_t i = 0; i < size_; ++i) {
      const double l2 = i < inputs_.inputs() ? l2_ : 0.0;
      point.gradient[i] = sum[1 + i] + l2 * beta[i];
      for (std::size_t j = 0; j <= i; ++j) point.curvature(i, j) = sum[k++];
      point.curvature(i, i) += l2;
    }
    return point;
  }

 private:
  /// The loss; with room for them, also the gradient and the lower triangle of the curvature by rows.
  [[nodiscard]] std::vector<double> sums(const std::vector<double>& beta, std::size_t count) const {
    return sumBlocks(inputs_.blocks(), count, threads_, [&](std::size_t block, std::vector<double>& sum) {
      std::vector<double> x(stride * (inputs_.inputs() + 1));
      inputs_.read(block, x);
      const auto rows = static_cast<std::size_t>(inputs_.blockSize(block));
      std::vector<double> mean(stride, 0.0);
      for (std::size_t i = 0; i < size_; ++i) {
        for (std::size_t r = 0; r < rows; ++r) mean[r] += beta[i] * x[i * stride + r];
      }
      std::vector<double> slope(stride);
      for (std::size_t r = 0; r < rows; ++r) {
        const double w = labels_.weight.empty() ? 1.0 : labels_.weight[block * stride + r];
        const double y = labels_.target[block * stride + r];
        const double z = mean[r];
        mean[r] = w * score::linkExp(z);
        sum[0] += mean[r] - w * y * z;
        slope[r] = mean[r] - w * y;
      }
      if (count > 1) addCurvature(x, mean, slope, rows, sum);
    });
  }

  void addCurvature(const std::vector<double>& x, const std::vector<double>& mean, const std::vector<double>& slope, std::size_t rows,
                    std::vector<double>& sum) const {
    std::vector<double> weighted(stride);
    std::size_t at = 1 + size_;
    for (std::size_t i = 0; i < size_; ++i) {
      double dot = 0;
      for (std::size_t r = 0; r < rows; ++r) dot += slope[r] * x[i * stride + r];
      sum[1 + i] += dot;
      for (std::size_t r = 0; r < rows; ++r) weighted[r] = mean[r] * x[i * stride + r];
      for (std::size_t j = 0; j <= i; ++j) {
        dot = 0;
        for (std::size_t r = 0; r < rows; ++r) dot += weighted[r] * x[j * stride + r];
        sum[at++] += dot;
      }
    }
  }

  [[nodiscard]] double penalty(const std::vector<double>& beta) const {
    double sum = 0;
    for (std::size_t i = 0; i < inputs_.inputs(); ++i) sum += beta[i] * beta[i];
    return 0.5 * l2_ * sum;
  }

  const Standardized& inputs_;
  const Labels& labels_;
  std::size_t size_;
  double l2_;
  int threads_;
};

Status checkCounts(const TrainRequest& request, const Labels& labels) {
  const auto wrong = std::find_if(labels.target.begin(), labels.target.end(), [](double v) { return v < 0; });
  if (wrong != labels.target.end()) {
    return makeError("CD5502", fmt::format("the target of row {} of the train part is {}; `poisson` takes no negative numbers",
                                           wrong - labels.target.begin() + 1, *wrong), request.span);
  }
  if (std::all_of(labels.target.begin(), labels.target.end(), [](double v) { return v == 0; })) {
    return makeError("CD5502", "the target is 0 in all training rows; `poisson` needs one above 0", request.span);
  }
  return Done{};
}

/// The logarithm of the mean count: where the descent begins if there is a constant.
double logMean(const Labels& labels) {
  const auto weight = [&](std::size_t r) { return labels.weight.empty() ? 1.0 : labels.weight[r]; };
  const double total = score::sumOf(labels.target.size(), weight);
  const double mean = score::sumOf(labels.target.size(), [&](std::size_t r) { return weight(r) * labels.target[r]; }) / total;
  return std::log(std::max(mean, 1e-300));
}

}  // namespace

Result<Fit> trainPoisson(const TrainRequest& request, const Prepared& prepared, const TrainContext& context) {
  const Options options(request.options);
  CD4ML_TRY(const Labels labels, trainingLabels(request, prepared.classes));
  CD4ML_TRY_VOID(checkCounts(request, labels));
  const bool constant = options.flag("intercept");
  const auto center = constant ? Standardized::Center::Yes : Standardized::Center::No;
  CD4ML_TRY(const Standardized inputs, Standardized::make(request, prepared, labels, center, context.threads));
  const PhaseClock clock(context, "train");
  const std::size_t p = inputs.inputs();
  const std::size_t size = p + (constant ? 1 : 0);
  const Counts counts(inputs, labels, size, options.number("l2"), context.threads);
  const NewtonOptions newton{.l1 = options.number("l1"), .period = size, .inputs = p,
                             .steps = static_cast<std::uint64_t>(options.integer("iterations")),
                             .small = options.number("tolerance") * static_cast<double>(request.train.rows)};
  std::vector<double> start(size, 0.0);
  if (constant) start[p] = logMean(labels);
  CD4ML_TRY(Minimum minimum, minimise(counts, std::move(start), newton, request, context));
  std::vector<double>& beta = minimum.weights;
  beta.resize(p + 1, 0.0);
  score::Linear body{.inputs = static_cast<std::uint32_t>(p), .weights = std::vector<double>(p), .intercept = {0.0}};
  inputs.unscale(beta.data(), body.weights.data(), body.intercept[0]);
  return Fit{.body = std::move(body), .link = score::Link::Exp, .iterations = minimum.steps, .best_iteration = minimum.steps};
}

}  // namespace cd4ml::learn
