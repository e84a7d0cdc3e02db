#include "runtime/monitor/baseline.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "runtime/monitor/compare.h"
#include "runtime/monitor/judge.h"
#include "runtime/monitor/checks.h"
#include "runtime/monitor/windows.h"

namespace cd4ml::monitor {
namespace {

/// A column of floats that looks into a vector.
score::ColumnView viewOf(const std::vector<double>& values) {
  score::ColumnView view;
  view.kind = ir::Kind::Float;
  view.rows = static_cast<std::int64_t>(values.size());
  view.values = values.data();
  return view;
}

std::vector<double> normals(std::size_t rows, std::uint64_t seed, double mean = 0, double std = 1) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> draw(mean, std);
  std::vector<double> out;
  for (std::size_t i = 0; i < rows; ++i) out.push_back(draw(random));
  return out;
}

Baseline sample() {
  static const std::vector<double> numbers = normals(5'000, 1, 20, 3);
  static const std::vector<double> few = [] {
    std::vector<double> out;
    for (int i = 0; i < 1'000; ++i) out.push_back(0.1 * (i % 5));
    return out;
  }();
  static const std::vector<double> same(300, 7.5);
  static const std::vector<std::uint8_t> truths{0, 1, 1, 0, 1, 0, 0, 0};
  score::ColumnView truth;
  truth.kind = ir::Kind::Bool;
  truth.rows = 8;
  truth.values = truths.data();
  const std::vector<SeriesInput> inputs{{"x", Role::Feature, "", viewOf(numbers)}, {"few", Role::Feature, "", viewOf(few)},
                                        {"same", Role::Input, "", viewOf(same)}, {"truth", Role::Prediction, R"({"a":1})", truth}};
  return {.rows = 5'000, .sampled = 5'000, .predicted = "test", .series = describeSeries(inputs, 2)};
}

TEST(Baseline, IsReadAsItWasWritten) {
  const Baseline baseline = sample();
  const std::string bytes = encodeBaseline(baseline);
  EXPECT_LT(bytes.size(), 12'000U);
  const Result<Baseline> back = decodeBaseline(bytes, "a.cd4mb");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(encodeBaseline(*back), bytes);
  const auto& then = std::get<NumberBaseline>(baseline.series[0].values);
  const auto& now = std::get<NumberBaseline>(back->series[0].values);
  EXPECT_EQ(now.edges, then.edges);
  EXPECT_EQ(now.counts, then.counts);
  EXPECT_EQ(now.means, then.means);
  EXPECT_NE(back->find("truth", Role::Prediction, R"({"a":1})"), nullptr);
  EXPECT_EQ(back->find("truth", Role::Prediction), nullptr);
}

TEST(Baseline, DamagedBytesAreAnErrorAndNeverACrash) {
  const std::string bytes = encodeBaseline(sample());
  for (std::size_t end = 0; end < bytes.size(); end += 7) EXPECT_FALSE(decodeBaseline(std::string_view(bytes).substr(0, end), "a").ok());
  std::mt19937_64 random(3);
  for (int round = 0; round < 3'000; ++round) {
    std::string broken = bytes;
    for (int k = 0; k < 1 + round % 4; ++k) broken[random() % broken.size()] = static_cast<char>(random());
    const Result<Baseline> read = decodeBaseline(broken, "a");
    if (!read.ok()) continue;
    // What is accepted can be worked with.
    const std::vector<double> window = normals(200, 9, 20, 3);
    for (const Series& series : read->series) {
      if (const auto* numbers = std::get_if<NumberBaseline>(&series.values)) {
        const Comparison made = compareNumbers(*numbers, countNumbers(viewOf(window), *numbers), Statistic::Wasserstein);
        EXPECT_FALSE(std::isnan(made.p));
      }
    }
  }
  std::string later = bytes;
  later[0] = 9;
  EXPECT_EQ(decodeBaseline(later, "a").error().code, "CD5602");
}

TEST(Baseline, BinnedDistanceIsThatOfTheSamples) {
  for (const double shift : {0.0, 0.05, 0.3, 2.0}) {
    std::vector<double> reference = normals(20'000, 5);
    std::vector<double> window = normals(3'000, 6, shift, 1.1);
    std::vector<double> rising = reference;
    std::sort(rising.begin(), rising.end());
    const NumberBaseline baseline = describeNumbers(rising);
    const double binned = earthMoved(baseline, countNumbers(viewOf(window), baseline));
    EXPECT_NEAR(binned, wassersteinEffect(reference, window), 2e-4);
  }
}

TEST(Baseline, AConstantThatMovesIsSeen) {
  const std::vector<double> same(1'000, 3.0);
  const NumberBaseline baseline = describeNumbers(same);
  std::vector<double> window(500, 3.0);
  EXPECT_DOUBLE_EQ(compareNumbers(baseline, countNumbers(viewOf(window), baseline), Statistic::Wasserstein).effect, 0.0);
  std::fill(window.begin(), window.begin() + 200, 4.0);
  const Comparison moved = compareNumbers(baseline, countNumbers(viewOf(window), baseline), Statistic::Wasserstein);
  EXPECT_DOUBLE_EQ(moved.effect, 0.4);
  EXPECT_LT(moved.p, 1e-20);
}

TEST(Baseline, NullTableKnowsTheQuantilesOfAKnownDistribution) {
  // Uniform values: sqrt(m) W1 tends to the integral of |Brownian bridge|, whose 95 % quantile is 0.5821 (Johnson and
  // Killeen 1983); over the standard deviation 1 / sqrt(12).
  std::vector<double> uniform;
  for (int i = 0; i < 20'000; ++i) uniform.push_back((i + 0.5) / 20'000);
  const NullProfile profile(uniform, 1 / std::sqrt(12.0));
  const NullTable table = makeNullTables(std::span(&profile, 1), 2)[0];
  EXPECT_NEAR(table.critical(0.05, 1e9, 1e6) * 1e3 / std::sqrt(12.0), 0.5821, 0.02);
  EXPECT_NEAR(table.p(table.critical(0.001, 1e9, 200), 1e9, 200), 0.001, 1e-6);
  EXPECT_GT(table.p(0.2, 2'000, 50), table.p(0.2, 2'000, 500));
  EXPECT_GT(table.p(1e6, 1e6, 1e6), 0.0);
  EXPECT_LT(table.p(1e6, 1e6, 1e6), 1e-300);
}

TEST(Judge, NeedsChanceAndEffect) {
  std::vector<Judged> all(3);
  all[0].comparison = {.effect = 0.05, .p = 1e-12};
  all[1].comparison = {.effect = 0.5, .p = 0.2};
  all[2].comparison = {.effect = 0.5, .p = 1e-6};
  judgeTogether(all);
  EXPECT_EQ(all[0].verdict, Verdict::Ok);
  EXPECT_EQ(all[1].verdict, Verdict::Ok);
  EXPECT_EQ(all[2].verdict, Verdict::Alarm);
  std::vector<Judged> none(1);
  none[0].comparable = false;
  judgeTogether(none);
  EXPECT_EQ(none[0].verdict, Verdict::Insufficient);
}

TEST(Checks, MissingVolumeAndBrokenRows) {
  Series series;
  series.name = "x";
  series.rows = 10'000;
  series.nulls = 100;
  EXPECT_EQ(checkMissing(series, 15, 0, 1'000).verdict, Verdict::Ok);
  EXPECT_EQ(checkMissing(series, 100, 0, 1'000).verdict, Verdict::Alarm);
  EXPECT_EQ(checkMissing(series, 20, 0, 20).verdict, Verdict::Insufficient);
  EXPECT_EQ(checkVolume(100, {100, 90}).verdict, Verdict::Insufficient);
  EXPECT_EQ(checkVolume(100, {100, 90, 110}).verdict, Verdict::Ok);
  EXPECT_EQ(checkVolume(30, {100, 90, 110}).verdict, Verdict::Warn);
  EXPECT_EQ(checkVolume(3, {100, 90, 110}).verdict, Verdict::Alarm);
  EXPECT_EQ(checkBroken("range", "x", 1, 10'000, 0, "m").verdict, Verdict::Warn);
  EXPECT_EQ(checkBroken("range", "x", 100, 10'000, 0, "m").verdict, Verdict::Alarm);
  EXPECT_EQ(checkBroken("range", "x", 100, 10'000, 0.01, "m").verdict, Verdict::Ok);
}

TEST(Windows, TumbleByWholeMultiples) {
  constexpr std::int64_t day = 86'400'000'000;
  const std::vector<std::int64_t> times{0, day - 1, day, no_time, -1, 3 * day};
  const std::vector<Window> windows = cutWindows(times, day);
  ASSERT_EQ(windows.size(), 4U);
  EXPECT_EQ(windows[0].from_us, -day);
  EXPECT_EQ(windows[1].rows, (std::vector<std::int32_t>{0, 1}));
  EXPECT_EQ(cutWindows(times, 7 * day)[0].from_us, -3 * day);  // the Monday before 1970-01-01
  EXPECT_EQ(cutWindows(times, 0)[0].rows.size(), 6U);
  EXPECT_NE(windowId("m", "late@1", "", windows[0]), windowId("m", "late@1", "", windows[1]));
}

}  // namespace
}  // namespace cd4ml::monitor
