/// Solves a symmetric system that may lack full rank.
#pragma once

#include <vector>

#include <xtensor/xtensor.hpp>

namespace cd4ml::learn {

/// x with `matrix` x = `right`, by Cholesky's decomposition of the lower triangle. A row that depends on the rows before
/// it (its pivot is below 1e-12 of its diagonal) is left out: its x is 0. The matrix is overwritten.
[[nodiscard]] std::vector<double> solveSymmetric(xt::xtensor<double, 2>& matrix, std::vector<double> right);

}  // namespace cd4ml::learn
