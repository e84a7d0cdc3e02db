#include "runtime/monitor/special_functions.h"

#include <cmath>
#include <limits>
#include <numbers>

namespace cd4ml::monitor {

namespace {

constexpr double tiny = 1e-300;
constexpr double accuracy = 1e-16;
constexpr int most_terms = 100'000;

/// x^a e^-x / Gamma(a).
double gammaFactor(double a, double x) { return std::exp(a * std::log(x) - x - std::lgamma(a)); }

/// The lower part of the incomplete gamma function, by its series: quick for x < a + 1.
double lowerSeries(double a, double x) {
  double term = 1.0 / a;
  double sum = term;
  for (int k = 1; k < most_terms && std::fabs(term) > std::fabs(sum) * accuracy; ++k) {
    term *= x / (a + k);
    sum += term;
  }
  return sum * gammaFactor(a, x);
}

/// The upper part by its continued fraction (modified Lentz): quick for x >= a + 1.
double upperFraction(double a, double x) {
  double b = x + 1.0 - a;
  double c = 1.0 / tiny;
  double d = 1.0 / b;
  double h = d;
  for (int k = 1; k < most_terms; ++k) {
    const double an = -k * (k - a);
    b += 2.0;
    d = an * d + b;
    if (std::fabs(d) < tiny) d = tiny;
    c = b + an / c;
    if (std::fabs(c) < tiny) c = tiny;
    d = 1.0 / d;
    const double step = d * c;
    h *= step;
    if (std::fabs(step - 1.0) < accuracy) break;
  }
  return h * gammaFactor(a, x);
}

}  // namespace

double chiSquaredTail(double x, double degrees) {
  if (!(x > 0)) return 1.0;
  if (std::isinf(x)) return 0.0;
  const double a = degrees / 2;
  const double half = x / 2;
  return half < a + 1 ? 1.0 - lowerSeries(a, half) : upperFraction(a, half);
}

double normalTwoSided(double z) { return std::erfc(std::fabs(z) / std::numbers::sqrt2); }

double kolmogorovTail(double x) {
  if (!(x > 0)) return 1.0;
  if (x < 1.18) {
    // The theta function turned round: few terms for small x.
    const double y = -std::numbers::pi * std::numbers::pi / (8 * x * x);
    double sum = 0;
    for (int k = 1; k < 20; k += 2) sum += std::exp(k * k * y);
    return 1.0 - std::sqrt(2 * std::numbers::pi) / x * sum;
  }
  double sum = 0;
  for (int k = 1; k < 20; ++k) {
    const double term = std::exp(-2.0 * k * k * x * x);
    sum += k % 2 == 1 ? term : -term;
    if (term < sum * accuracy) break;
  }
  return 2 * sum;
}

}  // namespace cd4ml::monitor
