/// Tails of the distributions that the tests refer to.
#pragma once

namespace cd4ml::monitor {

/// P(X >= x) of a chi-squared variable with `degrees` degrees of freedom; 1 for x <= 0. Relative error below 1e-12 where
/// the result is above 1e-290.
[[nodiscard]] double chiSquaredTail(double x, double degrees);
/// P(|Z| >= |z|) of a standard normal variable.
[[nodiscard]] double normalTwoSided(double z);
/// P(K >= x) of Kolmogorov's limiting distribution: of sqrt(n) times the greatest distance of two distribution functions.
[[nodiscard]] double kolmogorovTail(double x);

}  // namespace cd4ml::monitor
