// `linear`, `ridge`, `lasso`, `elastic_net`: least squares with penalties, from the moments of standardized inputs. Inputs
// have mean 0 and deviation 1, so that the equations are as well conditioned as the correlations allow. Without an absolute
// penalty the normal equations are solved, with one the weights are found by coordinate descent.
#include "runtime/learn/algorithms.h"
#include "runtime/learn/cholesky.h"
#include "runtime/learn/coordinate_descent.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/options.h"
#include "runtime/learn/standardized.h"
#include "runtime/score/sum.h"

namespace cd4ml::learn {

namespace {

/// Lower triangle of Σ w x xᵀ by rows, then Σ w x y; the constant is the last input when there is one.
std::vector<double> moments(const Standardized& inputs, const Labels& labels, std::size_t size, int threads) {
  const std::size_t triangle = size * (size + 1) / 2;
  return sumBlocks(inputs.blocks(), triangle + size, threads, [&](std::size_t block, std::vector<double>& sum) {
    constexpr auto stride = static_cast<std::size_t>(Standardized::block_rows);
    std::vector<double> x(stride * (inputs.inputs() + 1));
    std::vector<double> weighted(stride);
    inputs.read(block, x);
    const auto rows = static_cast<std::size_t>(inputs.blockSize(block));
    const std::size_t first = block * stride;
    std::size_t at = 0;
    for (std::size_t i = 0; i < size; ++i) {
      for (std::size_t r = 0; r < rows; ++r) weighted[r] = x[i * stride + r] * (labels.weight.empty() ? 1.0 : labels.weight[first + r]);
      for (std::size_t j = 0; j <= i; ++j) {
        double dot = 0;
        for (std::size_t r = 0; r < rows; ++r) dot += weighted[r] * x[j * stride + r];
        sum[at++] += dot;
      }
      double dot = 0;
      for (std::size_t r = 0; r < rows; ++r) dot += weighted[r] * labels.target[first + r];
      sum[triangle + i] += dot;
    }
  });
}

/// A penalty that the algorithm does not have is 0.
double penaltyOf(const TrainRequest& request, std::string_view name) {
  for (const ir::Option& option : request.options) {
    if (option.name == name) return Options(request.options).number(name);
  }
  return 0.0;
}

struct Solution {
  std::vector<double> weights;
  std::uint64_t rounds = 1;
};

Solution solve(const TrainRequest& request, const Labels& labels, const std::vector<double>& sums, std::size_t inputs, std::size_t size) {
  const Penalty penalty{.l1 = penaltyOf(request, "l1"), .l2 = penaltyOf(request, "l2"), .inputs = inputs};
  xt::xtensor<double, 2> matrix = xt::xtensor<double, 2>::from_shape({size, size});
  std::size_t at = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) matrix(i, j) = matrix(j, i) = sums[at++];
  }
  std::vector<double> right(sums.begin() + static_cast<std::ptrdiff_t>(at), sums.end());
  if (penalty.l1 > 0) {
    const Options options(request.options);
    const double squares = score::sumOf(labels.target.size(), [&](std::size_t r) {
      return (labels.weight.empty() ? 1.0 : labels.weight[r]) * labels.target[r] * labels.target[r];
    });
    Descent descent = descend(matrix, right, penalty, squares, options.number("tolerance"), static_cast<std::uint64_t>(options.integer("iterations")));
    return {.weights = std::move(descent.weights), .rounds = descent.rounds};
  }
  for (std::size_t i = 0; i < inputs; ++i) matrix(i, i) += penalty.l2;
  return {.weights = solveSymmetric(matrix, std::move(right)), .rounds = 1};
}

}  // namespace

Result<Fit> trainLinear(const TrainRequest& request, const Prepared& prepared, const TrainContext& context) {
  const Options options(request.options);
  CD4ML_TRY(const Labels labels, trainingLabels(request, prepared.classes));
  const bool constant = options.flag("intercept");
  const auto center = constant ? Standardized::Center::Yes : Standardized::Center::No;
  CD4ML_TRY(const Standardized inputs, Standardized::make(request, prepared, labels, center, context.threads));
  const PhaseClock clock(context, "train");
  const std::size_t p = inputs.inputs();
  const std::size_t size = p + (constant ? 1 : 0);
  const std::vector<double> sums = moments(inputs, labels, size, context.threads);
  Solution solution = solve(request, labels, sums, p, size);
  std::vector<double> fitted = std::move(solution.weights);
  fitted.resize(p + 1, 0.0);
  score::Linear body{.inputs = static_cast<std::uint32_t>(p), .weights = std::vector<double>(p), .intercept = {0.0}};
  inputs.unscale(fitted.data(), body.weights.data(), body.intercept[0]);
  return Fit{.body = std::move(body), .link = score::Link::Identity, .iterations = solution.rounds, .best_iteration = solution.rounds};
}

}  // namespace cd4ml::learn
