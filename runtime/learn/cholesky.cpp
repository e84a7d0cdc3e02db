#include "runtime/learn/cholesky.h"

#include <cmath>

namespace cd4ml::learn {

std::vector<double> solveSymmetric(xt::xtensor<double, 2>& matrix, std::vector<double> right) {
  const std::size_t n = right.size();
  std::vector<char> kept(n, 1);
  for (std::size_t j = 0; j < n; ++j) {
    const double diagonal = matrix(j, j);
    double pivot = diagonal;
    for (std::size_t k = 0; k < j; ++k) pivot -= matrix(j, k) * matrix(j, k);
    kept[j] = pivot > 1e-12 * diagonal && diagonal > 0 ? 1 : 0;
    const double root = kept[j] != 0 ? std::sqrt(pivot) : 0.0;
    matrix(j, j) = root;
    for (std::size_t i = j + 1; i < n; ++i) {
      double value = matrix(i, j);
      for (std::size_t k = 0; k < j; ++k) value -= matrix(i, k) * matrix(j, k);
      matrix(i, j) = kept[j] != 0 ? value / root : 0.0;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) right[i] -= matrix(i, k) * right[k];
    right[i] = kept[i] != 0 ? right[i] / matrix(i, i) : 0.0;
  }
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) right[i] -= matrix(k, i) * right[k];
    right[i] = kept[i] != 0 ? right[i] / matrix(i, i) : 0.0;
  }
  return right;
}

}  // namespace cd4ml::learn
