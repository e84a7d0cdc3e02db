// The statistics against SciPy (statistics_golden_test.inc, printed by tests/monitor/golden).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "runtime/monitor/contingency.h"
#include "runtime/monitor/divergence.h"
#include "runtime/monitor/false_discovery.h"
#include "runtime/monitor/kolmogorov.h"
#include "runtime/monitor/proportions.h"
#include "runtime/monitor/special_functions.h"
#include "runtime/monitor/stability.h"
#include "runtime/monitor/wasserstein.h"

namespace cd4ml::monitor {
namespace {

struct GoldenSample { int rows; int step; double shift; double scale; };
struct GoldenPair { GoldenSample a, b; double wasserstein, distance, p; };
struct GoldenTable { GoldenSample a, b; int levels; double statistic, p, total_variation, stability, jensen_shannon, entropy; };
struct GoldenTail { double x; double degrees; double p; };
struct GoldenLimit { double x; double p; };
struct GoldenShare { double a, n, b, m, z, p; };

#include "runtime/monitor/statistics_golden_test.inc"

std::vector<double> sampleOf(const GoldenSample& s) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < s.rows; ++i) {
    const double x = static_cast<double>(s.step * i % 10007) / 10007.0;
    out.push_back(s.shift + s.scale * (s.step % 2 == 0 ? x * x : x));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<double> countsOf(const std::vector<double>& values, int levels) {
  std::vector<double> out(static_cast<std::size_t>(levels), 0.0);
  for (const double x : values) ++out[static_cast<std::size_t>(std::floor(std::fabs(x))) % out.size()];
  return out;
}

void expectClose(double ours, double theirs) { EXPECT_NEAR(ours, theirs, 1e-9 * std::max(1e-6, std::fabs(theirs))); }

TEST(Statistics, EarthMovedAndGreatestDistanceAreSciPys) {
  for (const GoldenPair& pair : golden_pairs) {
    const std::vector<double> a = sampleOf(pair.a);
    const std::vector<double> b = sampleOf(pair.b);
    expectClose(wasserstein(a, b), pair.wasserstein);
    expectClose(kolmogorovDistance(a, b), pair.distance);
    EXPECT_NEAR(kolmogorovP(kolmogorovDistance(a, b), static_cast<std::int64_t>(a.size()), static_cast<std::int64_t>(b.size())), pair.p, 1e-9 + 1e-6 * pair.p);
  }
}

TEST(Statistics, TablesOfCountsAreSciPys) {
  for (const GoldenTable& table : golden_tables) {
    const std::vector<double> p = countsOf(sampleOf(table.a), table.levels);
    const std::vector<double> q = countsOf(sampleOf(table.b), table.levels);
    const ContingencyResult test = contingency(p, q);
    expectClose(test.statistic, table.statistic);
    EXPECT_NEAR(test.p, table.p, 1e-12 + 1e-8 * table.p);
    expectClose(totalVariation(p, q), table.total_variation);
    expectClose(stabilityIndex(p, q), table.stability);
    expectClose(jensenShannonDistance(p, q), table.jensen_shannon);
    std::vector<double> middle;
    for (std::size_t i = 0; i < p.size(); ++i) middle.push_back((p[i] + q[i]) / 2);
    expectClose(relativeEntropy(q, middle), table.entropy);
  }
}

TEST(Statistics, TailsAreSciPys) {
  for (const GoldenTail& tail : golden_tails) EXPECT_NEAR(chiSquaredTail(tail.x, tail.degrees), tail.p, 1e-9 * tail.p);
  for (const GoldenLimit& limit : golden_limits) EXPECT_NEAR(kolmogorovTail(limit.x), limit.p, 1e-9 * limit.p);
  const std::vector<double> adjusted = adjustBenjaminiHochberg(golden_p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) expectClose(adjusted[i], golden_adjusted[i]);
  for (const GoldenShare& share : golden_shares) {
    const ShareTest test = compareShares(share.a, share.n, share.b, share.m);
    expectClose(test.z, share.z);
    EXPECT_NEAR(test.p, share.p, 1e-9 * share.p + 1e-300);
  }
}

TEST(Statistics, RareLevelsArePooledWhicheverSideHasThem) {
  const std::vector<double> reference{900, 90, 7, 2, 0};
  const std::vector<double> window{450, 45, 3, 0, 2};
  const PooledCounts pooled = poolRare(reference, window, 5);
  EXPECT_EQ(pooled.reference, (std::vector<double>{900, 99}));
  EXPECT_EQ(pooled.window, (std::vector<double>{450, 50}));
  EXPECT_DOUBLE_EQ(contingency({}, {}).p, 1.0);
}

TEST(Statistics, TheClipKeepsStuckSensorsAndTamesNonsense) {
  std::vector<double> reference;
  for (int i = 0; i < 10'000; ++i) reference.push_back(i % 100);
  std::vector<double> stuck = reference;
  std::fill(stuck.begin(), stuck.begin() + 500, 150.0);
  EXPECT_GT(wassersteinEffect(reference, stuck), 0.1);
  std::vector<double> absurd = reference;
  absurd[0] = 1e30;
  EXPECT_LT(wassersteinEffect(reference, absurd), 0.01);
  EXPECT_TRUE(std::isnan(wassersteinEffect({1, 1, 1}, {1, 1})));
}

}  // namespace
}  // namespace cd4ml::monitor
