/// Minimises a convex loss with an absolute penalty by Newton's method with step halving.
///
/// Without the penalty a step solves the quadratic model of the loss exactly; with it, the model plus the penalty is
/// minimised by coordinate descent (Lee, Sun and Saunders, "Proximal Newton-type methods for minimizing composite
/// functions", 2014). The order of all sums is fixed, so the result is the same everywhere.
#pragma once

#include <cstdint>
#include <vector>

#include <xtensor/xtensor.hpp>

#include "base/result.h"
#include "runtime/learn/algorithms.h"

namespace cd4ml::learn {

/// Value, gradient and curvature at some weights, summed over rows.
struct LossPoint {
  double loss = 0;
  std::vector<double> gradient;
  xt::xtensor<double, 2> curvature;  ///< lower triangle
};

/// A convex, twice differentiable loss of weights; a squared penalty is part of it.
class SmoothLoss {
 public:
  virtual ~SmoothLoss() = default;
  [[nodiscard]] virtual LossPoint at(const std::vector<double>& weights) const = 0;
  [[nodiscard]] virtual double lossAt(const std::vector<double>& weights) const = 0;
};

struct NewtonOptions {
  double l1 = 0;
  std::size_t period = 0;    ///< of each so many weights …
  std::size_t inputs = 0;    ///< … the first so many bear the penalty
  std::uint64_t steps = 100; ///< at most
  double small = 0;          ///< the greatest gradient at which it stops
};

struct Minimum {
  std::vector<double> weights;
  std::uint64_t steps = 0;
};

/// From `start` downhill. Errors: those of `interruption`.
[[nodiscard]] Result<Minimum> minimise(const SmoothLoss& loss, std::vector<double> start, const NewtonOptions& options,
                                       const TrainRequest& request, const TrainContext& context);

}  // namespace cd4ml::learn
