/// exp, sigmoid and softmax of the models' links: our own, of additions and multiplications alone, so that the bits are
/// the same on every CPU and with every compiler.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>

namespace cd4ml::score {

/// e to the x, within 1 ulp or so. exp(NaN) is NaN; overflow is infinity, underflow goes through subnormals to 0.
[[nodiscard]] inline double linkExp(double x) {
  if (x != x) return x;
  if (x > 709.782712893384) return std::numeric_limits<double>::infinity();
  if (x < -745.1332191019412) return 0.0;
  // x = k ln 2 + r with |r| <= ln 2 / 2; the high part of ln 2 has 21 trailing zero bits, so k times it is exact.
  constexpr double shift = 0x1.8p52;
  const double k = (x * 0x1.71547652b82fep0 + shift) - shift;
  const double r = (x - k * 0x1.62e42fee00000p-1) - k * 0x1.a39ef35793c76p-33;
  // Taylor series to the 13th power: what is left out is below 2^-57 of the result.
  double p = 1.0 / 6227020800.0;
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  const double e = 1.0 + (r + r * r * p);
  const auto power = static_cast<std::int64_t>(k);
  const std::int64_t half = power / 2;  // two factors: 2^k alone may be beyond the normal numbers
  const auto scale = [](std::int64_t n) { return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52U); };
  return e * scale(half) * scale(power - half);
}

/// 1 / (1 + e^-x), without overflow.
[[nodiscard]] inline double linkSigmoid(double x) {
  if (x >= 0) return 1.0 / (1.0 + linkExp(-x));
  const double e = linkExp(x);
  return e / (1.0 + e);
}

}  // namespace cd4ml::score
