#include "runtime/learn/cut_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace cd4ml::learn {
namespace {

TEST(CutRanks, CountsTheCutsBelow) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  std::mt19937_64 random(1);
  for (const std::size_t size : {0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 63, 64, 254, 255, 256, 257, 1000, 5000}) {
    std::vector<double> cuts(size);
    for (double& cut : cuts) cut = static_cast<double>(random() % 4000) / 16.0 - 125.0;
    std::sort(cuts.begin(), cuts.end());
    std::vector<double> numbers{0.0, -0.0, inf, -inf, 1e-300, -1e300, std::numeric_limits<double>::quiet_NaN()};
    for (const double cut : cuts) numbers.insert(numbers.end(), {cut, std::nextafter(cut, inf), std::nextafter(cut, -inf)});
    while (numbers.size() < 5003) numbers.push_back(static_cast<double>(random() % 100'000) / 300.0 - 160.0);
    std::shuffle(numbers.begin(), numbers.end(), random);
    const CutRanks ranks(cuts);
    std::vector<std::uint32_t> fast(numbers.size());
    std::vector<std::uint32_t> plain(numbers.size());
    ranks.rank(numbers.data(), numbers.size(), fast.data());
    ranks.rankPlainly(numbers.data(), numbers.size(), plain.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const auto below = static_cast<std::uint32_t>(std::lower_bound(cuts.begin(), cuts.end(), numbers[i]) - cuts.begin());
      const std::uint32_t wanted = std::isnan(numbers[i]) ? ranks.cuts() + 1 : below;
      ASSERT_EQ(fast[i], wanted) << numbers[i] << " among " << size;
      ASSERT_EQ(plain[i], wanted) << numbers[i] << " among " << size;
    }
  }
}

}  // namespace
}  // namespace cd4ml::learn
