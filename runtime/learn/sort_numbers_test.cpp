#include "runtime/learn/sort_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace cd4ml::learn {
namespace {

TEST(SortNumbers, SortsAsComparingDoes) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  std::mt19937_64 random(1);
  for (const std::size_t size : {0, 1, 2, 100, 4095, 4096, 30'000}) {
    for (const int kind : {0, 1, 2}) {
      std::vector<double> numbers(size);
      for (double& number : numbers) {
        if (kind == 0) number = static_cast<double>(static_cast<std::int64_t>(random()));
        if (kind == 1) number = static_cast<double>(random() % 7);
        if (kind == 2) {
          do number = std::bit_cast<double>(random()); while (std::isnan(number));
        }
      }
      if (size > 10 && kind == 2) numbers[3] = inf, numbers[5] = -inf, numbers[7] = 0.0;
      std::vector<double> wanted = numbers;
      std::sort(wanted.begin(), wanted.end());
      sortNumbers(numbers);
      EXPECT_EQ(numbers, wanted) << size << " of kind " << kind;
    }
  }
}

TEST(SortNumbers, PutsNegativeZeroFirst) {
  for (const std::size_t size : {4, 10'000}) {
    std::vector<double> numbers(size);
    for (std::size_t i = 0; i < size; i += 2) numbers[i] = -0.0;
    std::swap(numbers.front(), numbers.back());
    sortNumbers(numbers);
    EXPECT_TRUE(std::signbit(numbers[size / 2 - 1]));
    EXPECT_FALSE(std::signbit(numbers[size / 2]));
  }
}

}  // namespace
}  // namespace cd4ml::learn
