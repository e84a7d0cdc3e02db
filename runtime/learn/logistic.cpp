// `logistic`: the penalised likelihood of one sigmoid, or of one softmax score a class, by Newton's method.
// Fitted on standardized inputs; the constant terms bear no penalty.
#include <algorithm>
#include <cmath>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/newton.h"
#include "runtime/learn/options.h"
#include "runtime/learn/standardized.h"
#include "runtime/score/link.h"

namespace cd4ml::learn {

namespace {

constexpr auto stride = static_cast<std::size_t>(Standardized::block_rows);

class Likelihood final : public SmoothLoss {
 public:
  Likelihood(const Standardized& inputs, const Labels& labels, std::size_t outputs, bool constant, double l2, double positive_weight, int threads)
      : inputs_(inputs), labels_(labels), outputs_(outputs), width_(inputs.inputs() + (constant ? 1 : 0)), l2_(l2),
        positive_weight_(positive_weight), threads_(threads) {}

  [[nodiscard]] std::size_t size() const { return outputs_ * width_; }
  [[nodiscard]] std::size_t width() const { return width_; }
  [[nodiscard]] LossPoint at(const std::vector<double>& beta) const override;
  [[nodiscard]] double lossAt(const std::vector<double>& beta) const override;

 private:
  enum class Want : std::uint8_t { Loss, All };
  struct Rows {
    std::vector<double> x;
    std::vector<double> probability;  ///< outputs × stride
    std::vector<double> weight;
    std::size_t count = 0;
    std::size_t first = 0;
    double loss = 0;
  };
  [[nodiscard]] Rows rowsOf(std::size_t block, const std::vector<double>& beta) const;
  void softmax(Rows& rows, std::size_t r) const;
  void addBlock(const Rows& rows, std::vector<double>& sum) const;
  [[nodiscard]] std::vector<double> sums(const std::vector<double>& beta, Want want) const;
  [[nodiscard]] double penalty(const std::vector<double>& beta) const;

  const Standardized& inputs_;
  const Labels& labels_;
  std::size_t outputs_;
  std::size_t width_;
  double l2_;
  double positive_weight_;
  int threads_;
};

/// -log of the probability of what happened, from the score: log(1 + e^-z) without overflow.
double softplus(double z) { return z > 0 ? z + std::log1p(score::linkExp(-z)) : std::log1p(score::linkExp(z)); }

Likelihood::Rows Likelihood::rowsOf(std::size_t block, const std::vector<double>& beta) const {
  Rows rows{.x = std::vector<double>(stride * (inputs_.inputs() + 1)), .probability = std::vector<double>(outputs_ * stride),
            .weight = std::vector<double>(stride, 1.0), .count = static_cast<std::size_t>(inputs_.blockSize(block)), .first = block * stride};
  inputs_.read(block, rows.x);
  for (std::size_t o = 0; o < outputs_; ++o) {
    double* z = rows.probability.data() + o * stride;
    for (std::size_t i = 0; i < width_; ++i) {
      const double b = beta[o * width_ + i];
      for (std::size_t r = 0; r < rows.count; ++r) z[r] += b * rows.x[i * stride + r];
    }
  }
  for (std::size_t r = 0; r < rows.count; ++r) {
    const double y = labels_.target[rows.first + r];
    if (!labels_.weight.empty()) rows.weight[r] = labels_.weight[rows.first + r];
    if (outputs_ > 1) {
      softmax(rows, r);
      continue;
    }
    if (y > 0) rows.weight[r] *= positive_weight_;
    double& z = rows.probability[r];
    rows.loss += rows.weight[r] * (y > 0 ? softplus(-z) : softplus(z));
    z = score::linkSigmoid(z);
  }
  return rows;
}

void Likelihood::softmax(Rows& rows, std::size_t r) const {
  double* z = rows.probability.data() + r;
  double top = z[0];
  for (std::size_t o = 1; o < outputs_; ++o) top = std::max(top, z[o * stride]);
  const double chosen = z[static_cast<std::size_t>(labels_.target[rows.first + r]) * stride];
  double sum = 0;
  for (std::size_t o = 0; o < outputs_; ++o) sum += z[o * stride] = score::linkExp(z[o * stride] - top);
  for (std::size_t o = 0; o < outputs_; ++o) z[o * stride] /= sum;
  rows.loss += rows.weight[r] * (std::log(sum) + top - chosen);
}

/// Adds loss, gradient and the lower triangle of the curvature by rows.
void Likelihood::addBlock(const Rows& rows, std::vector<double>& sum) const {
  const auto target = [&](std::size_t o, std::size_t r) {
    const double y = labels_.target[rows.first + r];
    return outputs_ == 1 ? y : (y == static_cast<double>(o) ? 1.0 : 0.0);
  };
  std::vector<double> factor(stride);
  std::vector<double> weighted(stride);
  for (std::size_t o = 0; o < outputs_; ++o) {
    const double* p = rows.probability.data() + o * stride;
    for (std::size_t r = 0; r < rows.count; ++r) factor[r] = rows.weight[r] * (p[r] - target(o, r));
    for (std::size_t i = 0; i < width_; ++i) {
      double dot = 0;
      for (std::size_t r = 0; r < rows.count; ++r) dot += factor[r] * rows.x[i * stride + r];
      sum[1 + o * width_ + i] += dot;
    }
    for (std::size_t q = 0; q <= o; ++q) {
      const double* pq = rows.probability.data() + q * stride;
      for (std::size_t r = 0; r < rows.count; ++r) factor[r] = rows.weight[r] * (o == q ? p[r] * (1 - p[r]) : -p[r] * pq[r]);
      for (std::size_t i = 0; i < width_; ++i) {
        for (std::size_t r = 0; r < rows.count; ++r) weighted[r] = factor[r] * rows.x[i * stride + r];
        const std::size_t row = o * width_ + i;
        const std::size_t begin = 1 + size() + row * (row + 1) / 2 + q * width_;
        for (std::size_t j = 0; j < (o == q ? i + 1 : width_); ++j) {
          double dot = 0;
          for (std::size_t r = 0; r < rows.count; ++r) dot += weighted[r] * rows.x[j * stride + r];
          sum[begin + j] += dot;
        }
      }
    }
  }
}

std::vector<double> Likelihood::sums(const std::vector<double>& beta, Want want) const {
  const std::size_t count = want == Want::Loss ? 1 : 1 + size() + size() * (size() + 1) / 2;
  return sumBlocks(inputs_.blocks(), count, threads_, [&](std::size_t block, std::vector<double>& sum) {
    const Rows rows = rowsOf(block, beta);
    sum[0] += rows.loss;
    if (want == Want::All) addBlock(rows, sum);
  });
}

double Likelihood::penalty(const std::vector<double>& beta) const {
  double sum = 0;
  for (std::size_t k = 0; k < beta.size(); ++k) {
    if (k % width_ < inputs_.inputs()) sum += beta[k] * beta[k];
  }
  return 0.5 * l2_ * sum;
}

double Likelihood::lossAt(const std::vector<double>& beta) const { return sums(beta, Want::Loss)[0] + penalty(beta); }

LossPoint Likelihood::at(const std::vector<double>& beta) const {
  const std::vector<double> sum = sums(beta, Want::All);
  LossPoint point{.loss = sum[0] + penalty(beta), .gradient = std::vector<double>(size()), .curvature = xt::xtensor<double, 2>::from_shape({size(), size()})};
  std::size_t k = 1 + size();
  for (std::size_t i = 0; i < size(); ++i) {
    const bool penalised = i % width_ < inputs_.inputs();
    point.gradient[i] = sum[1 + i] + (penalised ? l2_ * beta[i] : 0.0);
    for (std::size_t j = 0; j <= i; ++j) point.curvature(i, j) = sum[k++];
    if (penalised) point.curvature(i, i) += l2_;
  }
  return point;
}

}  // namespace

Result<Fit> trainLogistic(const TrainRequest& request, const Prepared& prepared, const TrainContext& context) {
  const Options options(request.options);
  CD4ML_TRY(const Labels labels, trainingLabels(request, prepared.classes));
  const bool constant = options.flag("intercept");
  const auto center = constant ? Standardized::Center::Yes : Standardized::Center::No;
  CD4ML_TRY(const Standardized inputs, Standardized::make(request, prepared, labels, center, context.threads));
  const PhaseClock clock(context, "train");
  const std::size_t outputs = request.task == ir::Task::Multiclass ? prepared.classes.size() : 1;
  const Likelihood likelihood(inputs, labels, outputs, constant, options.number("l2"), options.number("positive_weight"), context.threads);
  const NewtonOptions newton{.l1 = options.number("l1"), .period = likelihood.width(), .inputs = inputs.inputs(),
                             .steps = static_cast<std::uint64_t>(options.integer("iterations")),
                             .small = options.number("tolerance") * static_cast<double>(request.train.rows)};
  CD4ML_TRY(const Minimum minimum, minimise(likelihood, std::vector<double>(likelihood.size(), 0.0), newton, request, context));
  const std::size_t p = inputs.inputs();
  score::Linear body{.inputs = static_cast<std::uint32_t>(p), .weights = std::vector<double>(outputs * p), .intercept = std::vector<double>(outputs)};
  for (std::size_t o = 0; o < outputs; ++o) {
    std::vector<double> fitted(minimum.weights.begin() + static_cast<std::ptrdiff_t>(o * likelihood.width()),
                               minimum.weights.begin() + static_cast<std::ptrdiff_t>((o + 1) * likelihood.width()));
    fitted.resize(p + 1, 0.0);
    inputs.unscale(fitted.data(), body.weights.data() + o * p, body.intercept[o]);
  }
  return Fit{.body = std::move(body), .link = outputs > 1 ? score::Link::Softmax : score::Link::Sigmoid, .iterations = minimum.steps, .best_iteration = minimum.steps};
}

}  // namespace cd4ml::learn
