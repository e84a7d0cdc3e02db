/// Logarithms and powers of many numbers by the kernels of the language, so that a metric's bits do not depend on the
/// C library.
#pragma once

#include <span>
#include <vector>

namespace cd4ml::evaluate {

[[nodiscard]] std::vector<double> logarithms(std::span<const double> numbers);
/// Each number to the power of `exponent`.
[[nodiscard]] std::vector<double> powers(std::span<const double> numbers, double exponent);

}  // namespace cd4ml::evaluate
