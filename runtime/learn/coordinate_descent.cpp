#include "runtime/learn/coordinate_descent.h"

#include <algorithm>
#include <cmath>

#include "runtime/learn/cholesky.h"

namespace cd4ml::learn {

namespace {

double softThreshold(double value, double by) {
  if (value > by) return value - by;
  return value < -by ? value + by : 0.0;
}

int signOf(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

/// Where the signs are those of the optimum, the optimum solves a linear system. Inputs that are nearly the same would take
/// the descent thousands of rounds to get there.
std::vector<double> solveForSigns(const xt::xtensor<double, 2>& gram, const std::vector<double>& right, const Penalty& penalty,
                                  const std::vector<int>& signs) {
  std::vector<std::size_t> active;
  for (std::size_t j = 0; j < signs.size(); ++j) {
    if (signs[j] != 0) active.push_back(j);
  }
  xt::xtensor<double, 2> matrix = xt::xtensor<double, 2>::from_shape({active.size(), active.size()});
  std::vector<double> sums;
  for (std::size_t a = 0; a < active.size(); ++a) {
    const std::size_t i = active[a];
    const bool bears = penalty.borneBy(i);
    for (std::size_t b = 0; b < active.size(); ++b) matrix(a, b) = gram(i, active[b]);
    if (bears) matrix(a, a) += penalty.l2;
    sums.push_back(right[i] - (bears ? penalty.l1 * signs[i] : 0.0));
  }
  const std::vector<double> solved = solveSymmetric(matrix, std::move(sums));
  std::vector<double> weights(signs.size(), 0.0);
  for (std::size_t a = 0; a < active.size(); ++a) weights[active[a]] = solved[a];
  return weights;
}

std::vector<int> signsOf(const std::vector<double>& weights) {
  std::vector<int> signs;
  for (const double weight : weights) signs.push_back(signOf(weight));
  return signs;
}

}  // namespace

Descent descend(const xt::xtensor<double, 2>& gram, const std::vector<double>& right, const Penalty& penalty, double size,
                double tolerance, std::uint64_t rounds) {
  const std::size_t n = right.size();
  Descent out{.weights = std::vector<double>(n, 0.0)};
  // left[j] = Σ w x_j (y - xβ): kept up to date, so that a weight that does not move costs nothing.
  std::vector<double> left = right;
  const double small = tolerance * std::sqrt(size);
  std::vector<int> tried;
  while (out.rounds < rounds) {
    ++out.rounds;
    double greatest = 0;
    for (std::size_t j = 0; j < n; ++j) {
      const double own = gram(j, j);
      if (!(own > 0)) continue;
      const bool bears = penalty.borneBy(j);
      const double before = out.weights[j];
      const double pull = left[j] + own * before;
      const double after = bears ? softThreshold(pull, penalty.l1) / (own + penalty.l2) : pull / own;
      const double step = after - before;
      if (step == 0) continue;
      out.weights[j] = after;
      for (std::size_t k = 0; k < n; ++k) left[k] -= step * gram(k, j);
      greatest = std::max(greatest, std::fabs(step) * std::sqrt(own));
    }
    if (greatest <= small) break;
    std::vector<int> signs = signsOf(out.weights);
    if (signs == tried) continue;
    const std::vector<double> solved = solveForSigns(gram, right, penalty, signs);
    tried = std::move(signs);
    // The next round holds these weights to the conditions of the optimum, and moves on where they do not meet them.
    if (signsOf(solved) != tried) continue;
    out.weights = solved;
    left = right;
    for (std::size_t j = 0; j < n; ++j) {
      for (std::size_t k = 0; k < n; ++k) left[k] -= solved[j] * gram(k, j);
    }
  }
  return out;
}

}  // namespace cd4ml::learn
