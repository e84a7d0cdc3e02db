#include "runtime/data/exact_sum.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace cd4ml::data {
namespace {

using Keep = ExactMoments::Keep;

TEST(ExactSum, LosesNothing) {
  ExactMoments moments(Keep::Sum);
  for (const double x : {1e308, 1.0, -1e308, 4.9e-324, 1e16, -1e16}) moments.add(x);
  EXPECT_EQ(moments.sum(), 1.0);
  moments.remove(1.0);
  EXPECT_EQ(moments.sum(), 4.9e-324);
  moments.remove(4.9e-324);
  EXPECT_EQ(moments.sum(), 0.0);
}

TEST(ExactSum, RoundsToEvenOnce) {
  ExactMoments moments(Keep::Sum);
  moments.add(1.0);
  moments.add(0x1p-53);
  EXPECT_EQ(moments.sum(), 1.0);
  moments.add(0x1p-1074);
  EXPECT_EQ(moments.sum(), 1.0 + 0x1p-52);
  moments.remove(0x1p-1074);
  moments.add(-2.0);
  EXPECT_EQ(moments.sum(), -1.0 + 0x1p-53);
}

TEST(ExactSum, IsWhatLongDoublesSayAndForgetsWhatLeaves) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(-1000, 1000);
  ExactMoments moments(Keep::SumAndSquares);
  std::vector<double> held;
  for (int i = 0; i < 2000; ++i) {
    held.push_back(std::ldexp(uniform(random), static_cast<int>(random() % 20)));
    moments.add(held.back());
    if (held.size() > 50) {
      moments.remove(held.front());
      held.erase(held.begin());
    }
    long double sum = 0;
    for (const double x : held) sum += x;
    ASSERT_NEAR(moments.sum(), static_cast<double>(sum), 1e-9);
    if (held.size() < 2) continue;
    long double squares = 0;
    const long double mean = sum / static_cast<long double>(held.size());
    for (const double x : held) squares += (x - mean) * (x - mean);
    const auto want = static_cast<double>(squares / static_cast<long double>(held.size() - 1));
    ASSERT_NEAR(moments.variance(), want, 1e-12 * want);
  }
}

TEST(ExactSum, EqualValuesHaveNoSpread) {
  ExactMoments moments(Keep::SumAndSquares);
  for (int i = 0; i < 3; ++i) moments.add(0.1);
  EXPECT_EQ(moments.variance(), 0.0);
  moments.add(0.1);
  EXPECT_EQ(moments.variance(), 0.0);
}

TEST(ExactSum, NanAndInfinitiesComeAndGo) {
  ExactMoments moments(Keep::SumAndSquares);
  moments.add(1.0);
  moments.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(moments.sum(), std::numeric_limits<double>::infinity());
  moments.add(-std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(moments.sum()));
  moments.remove(-std::numeric_limits<double>::infinity());
  moments.remove(std::numeric_limits<double>::infinity());
  moments.add(std::nan(""));
  EXPECT_TRUE(std::isnan(moments.variance()));
  moments.remove(std::nan(""));
  EXPECT_EQ(moments.sum(), 1.0);
}

}  // namespace
}  // namespace cd4ml::data
