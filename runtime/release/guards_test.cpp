#include "runtime/release/guards.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace cd4ml::release {
namespace {

/// Share of streams of `rows` Bernoulli rows in which the guard breaks at any row.
double breakShare(double rate, double limit, int rows, int streams) {
  std::mt19937_64 random(7);
  std::bernoulli_distribution fails(rate);
  int broken = 0;
  for (int s = 0; s < streams; ++s) {
    std::uint64_t errors = 0;
    for (int n = 1; n <= rows; ++n) {
      errors += fails(random) ? 1 : 0;
      if (evidenceAbove(limit, errors, static_cast<std::uint64_t>(n)) >= 1 / guard_alpha) {
        ++broken;
        break;
      }
    }
  }
  return static_cast<double>(broken) / streams;
}

TEST(Guards, AnErrorRateAtItsLimitRarelyBreaksHoweverOftenOneLooks) { EXPECT_LE(breakShare(0.01, 0.01, 5000, 2000), guard_alpha); }

TEST(Guards, AGrossErrorRateBreaksSoon) {
  EXPECT_GE(breakShare(0.2, 0.01, 100, 500), 0.99);
  EXPECT_GE(breakShare(0.03, 0.01, 2000, 500), 0.99);
}

TEST(Guards, AnyErrorBreaksALimitOfNone) {
  Observation seen;
  seen.challenger.rows = 10;
  seen.challenger.errors = 1;
  EXPECT_EQ(judge({.measure = "error_rate", .limit = 0}, seen).verdict, GuardState::Verdict::Breaks);
}

TEST(Guards, OneErrorInTenIsBeyondTheLimitButMayBeChance) {
  Observation seen;
  seen.challenger.rows = 9;
  seen.challenger.errors = 1;
  const GuardState state = judge({.measure = "error_rate", .limit = 0.01}, seen);
  EXPECT_EQ(state.verdict, GuardState::Verdict::Exceeds);
  EXPECT_DOUBLE_EQ(state.value, 0.1);
}

TEST(Guards, LatencyIsJudgedByTheShareOfSlowAnswers) {
  Observation seen;
  for (int i = 0; i < 1000; ++i) seen.challenger.latency.add(i % 50 == 0 ? 90'000 : 500);
  EXPECT_EQ(judge({.measure = "latency", .percentile = 0.99, .limit = 20'000}, seen).verdict, GuardState::Verdict::Exceeds);
  for (int i = 0; i < 300; ++i) seen.challenger.latency.add(90'000);
  EXPECT_EQ(judge({.measure = "latency", .percentile = 0.99, .limit = 20'000}, seen).verdict, GuardState::Verdict::Breaks);
  EXPECT_EQ(judge({.measure = "latency", .percentile = 0.5, .limit = 20'000}, seen).verdict, GuardState::Verdict::Holds);
}

TEST(Guards, ScoresThatMoveBreakTheShift) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> noise;
  Observation seen;
  for (int i = 0; i < 400; ++i) {
    const double score = noise(random);
    seen.champion.score.add(score);
    seen.challenger.score.add(score + 0.5);
    seen.shadow_shift.add(0.5 + 0.1 * noise(random));
  }
  const GuardState state = judge({.measure = "score_shift", .limit = 0.2}, seen);
  EXPECT_EQ(state.verdict, GuardState::Verdict::Breaks);
  EXPECT_NEAR(state.value, 0.5, 0.05);
  EXPECT_EQ(judge({.measure = "score_shift", .limit = 0.8}, seen).verdict, GuardState::Verdict::Holds);
}

TEST(Guards, AMeanStaysInItsConfidenceSequence) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> noise;
  int left = 0;
  constexpr int streams = 1000;
  for (int s = 0; s < streams; ++s) {
    double sum = 0;
    for (std::uint64_t n = 1; n <= 2000; ++n) {
      sum += noise(random);
      if (n < 50 || std::abs(sum / static_cast<double>(n)) <= confidenceWidth(n, 0.05)) continue;
      ++left;
      break;
    }
  }
  EXPECT_LE(left, streams * 5 / 100);
}

TEST(Latencies, QuantilesLieWithinABucket) {
  LatencyCounts counts;
  for (int i = 1; i <= 1000; ++i) counts.add(i);
  EXPECT_EQ(counts.count(), 1000U);
  EXPECT_NEAR(counts.quantile(0.5), 500, 100);
  EXPECT_GE(counts.quantile(0.99), 990);
  EXPECT_NEAR(static_cast<double>(counts.above(500)), 500, 100);
}

TEST(Guards, ErrorsAreLimitedWithoutBeingAsked) {
  EXPECT_EQ(effectiveGuards({}).size(), 1U);
  EXPECT_EQ(effectiveGuards({{.measure = "error_rate", .limit = 0.5}}).front().limit, 0.5);
}

}  // namespace
}  // namespace cd4ml::release
