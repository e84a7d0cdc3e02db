/// Least squares with an absolute and a squared penalty, from sums over the rows.
///
/// Minimises ½ Σ w (y - xβ)² + l1 Σ |β| + ½ l2 Σ β² by cyclic coordinate descent on the Gram matrix (Friedman, Hastie and
/// Tibshirani, "Regularization Paths for Generalized Linear Models via Coordinate Descent", 2010): each round costs what
/// the inputs cost, not what the rows cost, and the order is fixed, so the result is the same everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <xtensor/xtensor.hpp>

namespace cd4ml::learn {

struct Penalty {
  double l1 = 0;
  double l2 = 0;
  std::size_t inputs = 0;  ///< the first so many weights bear it
  std::size_t period = std::numeric_limits<std::size_t>::max();  ///< … of each so many

  [[nodiscard]] bool borneBy(std::size_t weight) const { return weight % period < inputs; }
};

struct Descent {
  std::vector<double> weights;
  std::uint64_t rounds = 0;
};

/// `gram`: Σ w x xᵀ, both triangles; `right`: Σ w x y. Stops when no weight moves the fit of its input by more than
/// `tolerance` times `size` (Σ w y²), or after `rounds`.
[[nodiscard]] Descent descend(const xt::xtensor<double, 2>& gram, const std::vector<double>& right, const Penalty& penalty,
                              double size, double tolerance, std::uint64_t rounds);

}  // namespace cd4ml::learn
