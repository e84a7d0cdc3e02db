// Kernels against the long double functions of the C library, and every instruction set against every other.
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "compiler/ir/kernel_table.h"
#include "stdlib/kernels/native.h"

namespace cd4ml {
namespace {

struct alignas(64) Lanes {
  double values[8];
};

double run(std::string_view name, double a, double b = 0) {
  const kernels::NativeKernel* kernel = kernels::findNative(name);
  EXPECT_NE(kernel, nullptr) << name;
  Lanes x{};
  Lanes y{};
  Lanes out{};
  for (double& v : x.values) v = a;
  for (double& v : y.values) v = b;
  const void* args[] = {&x, &y};
  kernel->run(args, &out, 1);
  return out.values[3];
}

double ulpsApart(double got, long double exact) {
  const auto rounded = static_cast<double>(exact);
  if (std::isnan(got) && std::isnan(rounded)) return 0;
  if (got == rounded) return 0;
  if (!std::isfinite(got) || !std::isfinite(rounded)) return 1e9;
  const double next = std::nextafter(std::fabs(rounded), std::numeric_limits<double>::infinity());
  const long double ulp = static_cast<long double>(next) - std::fabs(static_cast<long double>(rounded));
  return static_cast<double>(std::fabs(static_cast<long double>(got) - exact) / ulp);
}

struct Unary {
  const char* name;
  long double (*exact)(long double);
  double low, high;
  double limit;
};

class Accuracy : public testing::TestWithParam<Unary> {};

TEST_P(Accuracy, IsWithinItsLimit) {
  const Unary& f = GetParam();
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(f.low, f.high);
  std::uniform_real_distribution<double> exponent(-60, 0);
  double worst = 0;
  double at = 0;
  for (int i = 0; i < 40'000; ++i) {
    double x = uniform(random);
    if (i % 4 == 0) x *= std::exp2(exponent(random));
    if (x < f.low || x > f.high) continue;
    const double apart = ulpsApart(run(f.name, x), f.exact(x));
    if (apart > worst) worst = apart, at = x;
  }
  EXPECT_LE(worst, f.limit) << f.name << " at " << at << " (" << std::hexfloat << at << ")";
}

long double sigmoidExact(long double x) { return 1 / (1 + expl(-x)); }
long double logitExact(long double x) {
  if (x > 0.25L && x < 0.75L) return log1pl((2 * x - 1) / (1 - x));
  return logl(x) - log1pl(-x);
}

INSTANTIATE_TEST_SUITE_P(Kernels, Accuracy, testing::Values(
    Unary{"exp_f", expl, -700, 709, 1.0}, Unary{"exp_f", expl, -744, -708, 1.0}, Unary{"expm1_f", expm1l, -40, 709, 1.5},
    Unary{"expm1_f", expm1l, -1, 1, 1.5}, Unary{"log_f", logl, 0, 1e300, 1.0}, Unary{"log_f", logl, 0.5, 2, 1.0},
    Unary{"log_f", logl, 0, 1e-307, 1.0}, Unary{"log1p_f", log1pl, -0.999, 1e9, 1.0}, Unary{"log1p_f", log1pl, -0.4, 0.4, 1.0},
    Unary{"log2_f", log2l, 0, 1e6, 2.0}, Unary{"log10_f", log10l, 0, 1e6, 2.0}, Unary{"sin_f", sinl, -7, 7, 1.0},
    Unary{"sin_f", sinl, -1e6, 1e6, 1.0}, Unary{"sin_f", sinl, -1e300, 1e300, 1.0}, Unary{"cos_f", cosl, -7, 7, 1.0},
    Unary{"cos_f", cosl, -1e9, 1e9, 1.0}, Unary{"cos_f", cosl, -1e22, 1e22, 1.0}, Unary{"tan_f", tanl, -10, 10, 2.5},
    Unary{"tan_f", tanl, -1e12, 1e12, 2.5}, Unary{"atan_f", atanl, -100, 100, 1.5}, Unary{"atan_f", atanl, -1, 1, 1.5},
    Unary{"asin_f", asinl, -1, 1, 2.5}, Unary{"acos_f", acosl, -1, 1, 2.5}, Unary{"sinh_f", sinhl, -30, 30, 2.5},
    Unary{"sinh_f", sinhl, -710, 710, 2.5}, Unary{"cosh_f", coshl, -710, 710, 2.5}, Unary{"tanh_f", tanhl, -25, 25, 2.5},
    Unary{"sigmoid_f", sigmoidExact, -700, 40, 2.5}, Unary{"logit_f", logitExact, 1e-9, 0.999999, 3.0},
    Unary{"cbrt_f", cbrtl, -1e300, 1e300, 1.0}, Unary{"cbrt_f", cbrtl, 0, 1e-305, 1.0}, Unary{"cbrt_f", cbrtl, -30, 30, 1.0}));

TEST(Accuracy, OfPowersHypotAndAngles) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> base(0, 4);
  std::uniform_real_distribution<double> power(-300, 300);
  std::uniform_real_distribution<double> wide(-1e3, 1e3);
  double worst_power = 0;
  double worst_hypot = 0;
  double worst_angle = 0;
  for (int i = 0; i < 40'000; ++i) {
    const double x = base(random);
    const double y = power(random);
    const long double exact = powl(x, y);
    if (exact > 1e-300L && exact < 1e300L) worst_power = std::max(worst_power, ulpsApart(run("pow_ff", x, y), exact));
    const double a = wide(random);
    const double b = wide(random) * (i % 2 == 0 ? 1e-3 : 1);
    worst_hypot = std::max(worst_hypot, ulpsApart(run("hypot_ff", a, b), hypotl(a, b)));
    worst_angle = std::max(worst_angle, ulpsApart(run("atan2_ff", a, b), atan2l(a, b)));
  }
  EXPECT_LE(worst_power, 1.0);
  EXPECT_LE(worst_hypot, 1.0);
  EXPECT_LE(worst_angle, 1.5);
}

TEST(Kernels, GiveWhatIeeeSaysAtTheEnds) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  const double nan = std::nan("");
  const double values[] = {0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 2.5, -2.5, 1e308, -1e308, 5e-324, -5e-324, inf, -inf, nan, 1e18, 0x1p53, 0x1p53 + 2};
  const auto same = [](double a, double b) { return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b)); };
  const std::pair<const char*, double (*)(double)> unary[] = {
      {"exp_f", std::exp}, {"log_f", std::log}, {"log1p_f", std::log1p}, {"expm1_f", std::expm1}, {"log2_f", std::log2}, {"log10_f", std::log10},
      {"cbrt_f", std::cbrt}, {"tanh_f", std::tanh}, {"sinh_f", std::sinh}, {"cosh_f", std::cosh}, {"atan_f", std::atan}, {"asin_f", std::asin},
      {"acos_f", std::acos}, {"sin_f", std::sin}, {"cos_f", std::cos}, {"sqrt_f", std::sqrt}, {"floor_f", std::floor}, {"ceil_f", std::ceil},
      {"trunc_f", std::trunc}, {"round_f", std::nearbyint}};
  for (const auto& [name, exact] : unary) {
    for (const double x : values) {
      const double want = exact(x);
      const double got = run(name, x);
      if (std::isfinite(want) && want != 0) EXPECT_LE(ulpsApart(got, want), 2.5) << name << " of " << x << " gives " << got;
      else EXPECT_TRUE(same(got, want)) << name << " of " << x << " gives " << got << ", not " << want;
    }
  }
  for (const double x : values) {
    for (const double y : values) {
      EXPECT_TRUE(same(run("pow_ff", x, y), std::pow(x, y)) || ulpsApart(run("pow_ff", x, y), std::pow(x, y)) <= 1)
          << x << " to the " << y << " gives " << run("pow_ff", x, y) << ", not " << std::pow(x, y);
      EXPECT_LE(ulpsApart(run("hypot_ff", x, y), std::hypot(x, y)), 1.0) << x << " " << y;
      EXPECT_LE(ulpsApart(run("atan2_ff", x, y), std::atan2(x, y)), 1.5) << x << " " << y << " " << run("atan2_ff", x, y);
    }
  }
}

TEST(Kernels, AreExactWhereTheReferenceSaysSo) {
  for (int k = -300; k <= 300; ++k) EXPECT_EQ(run("log10_f", std::pow(10.0L, k)), std::log10(static_cast<double>(std::pow(10.0L, k)))) << k;
  for (int k = -1074; k < 1024; ++k) EXPECT_EQ(run("log2_f", std::ldexp(1.0, k)), k);
  for (int k = 0; k < 100; ++k) EXPECT_EQ(run("cbrt_f", double(k) * k * k), k);
  EXPECT_EQ(run("pow_ff", 10, 15), 1e15);
  EXPECT_EQ(run("pow_ff", -3, 3), -27.0);
  EXPECT_EQ(run("hypot_ff", 3, 4), 5.0);
  EXPECT_EQ(run("sigmoid_f", 0), 0.5);
  EXPECT_EQ(run("logit_f", 0.5), 0.0);
}

std::vector<std::int64_t> interestingWords(char letter, std::mt19937_64& random, std::size_t count) {
  std::vector<std::int64_t> words;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t r = random();
    if (letter == 'M') words.push_back((r & 1) != 0 ? -1 : 0);
    else if (letter == 'F') words.push_back(std::bit_cast<std::int64_t>(i % 3 == 0 ? std::bit_cast<double>(r) : static_cast<double>(static_cast<std::int64_t>(r) >> (r & 63)) / 1024.0));
    else words.push_back(static_cast<std::int64_t>(r) >> (i % 5 == 0 ? 0 : r & 63));
  }
  return words;
}

TEST(Kernels, HaveTheSameBitsOnEveryInstructionSet) {
  constexpr std::size_t rows = 2048;
  for (const kernels::NativeKernel& base : kernels::nativeKernels(kernels::Level::Baseline)) {
    std::mt19937_64 random(3);
    std::vector<std::shared_ptr<std::int64_t>> buffers;
    const void* args[4] = {};
    const auto allocate = [&] {
      buffers.emplace_back(static_cast<std::int64_t*>(std::aligned_alloc(64, rows * 8)), [](std::int64_t* p) { std::free(p); });
      return buffers.back().get();
    };
    for (std::size_t a = 1; a < base.signature.size(); ++a) {
      std::int64_t* to = allocate();
      const auto words = interestingWords(base.signature[a], random, rows);
      std::copy(words.begin(), words.end(), to);
      args[a - 1] = to;
    }
    std::int64_t* expected = allocate();
    base.run(args, expected, rows / 8);
    for (const kernels::Level level : {kernels::Level::V3, kernels::Level::V4}) {
      if (level > kernels::nativeLevel()) continue;
      std::int64_t* got = allocate();
      for (const kernels::NativeKernel& other : kernels::nativeKernels(level)) {
        if (other.name == base.name) other.run(args, got, rows / 8);
      }
      for (std::size_t r = 0; r < rows; ++r) {
        const bool both_nan = base.signature[0] == 'F' && std::isnan(std::bit_cast<double>(expected[r])) && std::isnan(std::bit_cast<double>(got[r]));
        ASSERT_TRUE(expected[r] == got[r] || both_nan) << base.name << " row " << r << " level " << static_cast<int>(level);
      }
    }
  }
}

}  // namespace
}  // namespace cd4ml
