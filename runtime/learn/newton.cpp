#include "runtime/learn/newton.h"

#include <algorithm>
#include <cmath>

#include "runtime/learn/cholesky.h"
#include "runtime/learn/coordinate_descent.h"

namespace cd4ml::learn {

namespace {

class Newton {
 public:
  Newton(const SmoothLoss& loss, const NewtonOptions& options) : loss_(loss), options_(options) {}

  /// How far the greatest gradient is from that of an optimum.
  [[nodiscard]] double distance(const std::vector<double>& weights, const std::vector<double>& gradient) const {
    double greatest = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
      double own = std::fabs(gradient[k]);
      if (bears(k) && weights[k] != 0) own = std::fabs(gradient[k] + std::copysign(options_.l1, weights[k]));
      else if (bears(k)) own = std::max(0.0, own - options_.l1);
      greatest = std::max(greatest, own);
    }
    return greatest;
  }

  /// The weights that the quadratic model at a point would have.
  [[nodiscard]] std::vector<double> target(const std::vector<double>& weights, LossPoint& point) const {
    if (options_.l1 == 0) {
      std::vector<double> step = solveSymmetric(point.curvature, point.gradient);
      for (std::size_t k = 0; k < step.size(); ++k) step[k] = weights[k] - step[k];
      return step;
    }
    const std::size_t n = weights.size();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) point.curvature(j, i) = point.curvature(i, j);
    }
    std::vector<double> right(n);
    for (std::size_t i = 0; i < n; ++i) {
      right[i] = -point.gradient[i];
      for (std::size_t j = 0; j < n; ++j) right[i] += point.curvature(i, j) * weights[j];
    }
    const Penalty penalty{.l1 = options_.l1, .l2 = 0, .inputs = options_.inputs, .period = options_.period};
    return descend(point.curvature, right, penalty, std::max(1.0, std::fabs(point.loss)), descent_tolerance, descent_rounds).weights;
  }

  [[nodiscard]] double whole(double smooth, const std::vector<double>& weights) const {
    double sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) sum += bears(k) ? std::fabs(weights[k]) : 0.0;
    return smooth + options_.l1 * sum;
  }

  /// Halves the way from `from` to `to` until it descends; false: it does not. Convexity makes the direction descend.
  [[nodiscard]] bool descendTo(const std::vector<double>& from, const std::vector<double>& to, double before, std::vector<double>& next) const {
    next.resize(from.size());
    double length = 1;
    for (int halving = 0; halving < 40; ++halving, length /= 2) {
      for (std::size_t k = 0; k < next.size(); ++k) next[k] = length == 1 ? to[k] : from[k] + length * (to[k] - from[k]);
      if (whole(loss_.lossAt(next), next) < before) return true;
    }
    return false;
  }

 private:
  static constexpr double descent_tolerance = 1e-12;
  static constexpr std::uint64_t descent_rounds = 1000;

  [[nodiscard]] bool bears(std::size_t k) const { return options_.l1 > 0 && k % options_.period < options_.inputs; }

  const SmoothLoss& loss_;
  const NewtonOptions& options_;
};

}  // namespace

Result<Minimum> minimise(const SmoothLoss& loss, std::vector<double> start, const NewtonOptions& options, const TrainRequest& request,
                         const TrainContext& context) {
  const Newton newton(loss, options);
  Minimum now{.weights = std::move(start)};
  while (now.steps < options.steps) {
    if (std::optional<Error> stop = interruption(request, context)) return *std::move(stop);
    LossPoint point = loss.at(now.weights);
    if (newton.distance(now.weights, point.gradient) <= options.small) break;
    ++now.steps;
    if (context.progress) context.progress(now.steps, options.steps, "steps");
    const double before = newton.whole(point.loss, now.weights);
    const std::vector<double> target = newton.target(now.weights, point);
    std::vector<double> next;
    if (!newton.descendTo(now.weights, target, before, next)) break;
    now.weights = std::move(next);
  }
  return now;
}

}  // namespace cd4ml::learn
