#include "runtime/data/asof.h"

#include <gtest/gtest.h>

#include <random>

#include "runtime/data/sample_columns_test.h"
#include "runtime/data/window.h"

namespace cd4ml::data {
namespace {

using Ints = std::vector<std::optional<std::int64_t>>;

Column times(const Ints& values) { return sample::ints(values, ir::Kind::Timestamp); }

struct Sides {
  Ints left_keys, left_times, right_keys, right_times, available;
};

AsOfRequest requestOf(const Sides& sides) {
  AsOfRequest request;
  request.left_keys = {sample::ints(sides.left_keys)};
  request.left_time = times(sides.left_times);
  request.right_keys = {sample::ints(sides.right_keys)};
  request.right_time = times(sides.right_times);
  if (!sides.available.empty()) request.right_available = times(sides.available);
  return request;
}

/// The rule of the header, row by row: the latest place, all rows that tie there.
std::vector<std::int32_t> expected(const Sides& sides, const AsOfRequest& request, std::size_t row) {
  std::vector<std::int32_t> best;
  std::pair<std::int64_t, std::int64_t> latest{INT64_MIN, INT64_MIN};
  if (!sides.left_keys[row] || !sides.left_times[row]) return best;
  const std::int64_t moment = *sides.left_times[row] - request.ahead_us;
  for (std::size_t r = 0; r < sides.right_keys.size(); ++r) {
    if (sides.right_keys[r] != sides.left_keys[row] || !sides.right_times[r]) continue;
    const std::int64_t time = *sides.right_times[r];
    if (request.strictly_before ? time >= moment : time > moment) continue;
    if (!sides.available.empty() && (!sides.available[r] || *sides.available[r] > moment)) continue;
    if (laterBy(time, request.known_after) > moment) continue;
    if (request.within_us && time < moment - *request.within_us) continue;
    const std::pair<std::int64_t, std::int64_t> place{time, sides.available.empty() ? 0 : *sides.available[r]};
    if (place > latest) best.clear();
    if (place >= latest) {
      latest = place;
      best.push_back(static_cast<std::int32_t>(r));
    }
  }
  return best;
}

TEST(AsOf, FindsWhatTheRuleSays) {
  std::mt19937_64 draw(7);
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(draw() % static_cast<std::uint64_t>(n)); };
  const auto maybe = [&](std::int64_t value) { return below(8) == 0 ? std::nullopt : std::optional(value); };
  for (int world = 0; world < 2000; ++world) {
    Sides sides;
    const std::int64_t span = world % 3 == 0 ? 4 : 50;
    for (std::int64_t i = below(30); i > 0; --i) sides.left_keys.push_back(maybe(below(3))), sides.left_times.push_back(maybe(below(span)));
    for (std::int64_t i = below(40); i > 0; --i) {
      sides.right_keys.push_back(maybe(below(3)));
      sides.right_times.push_back(maybe(below(span)));
      if (world % 2 == 0) sides.available.push_back(maybe(below(span + 10)));
    }
    AsOfRequest request = requestOf(sides);
    request.strictly_before = below(2) == 0;
    if (below(2) == 0) request.within_us = below(9);
    if (below(3) == 0) request.ahead_us = below(9);
    if (world % 4 == 1) request.known_after.us = below(9);
    request.threads = 1 + world % 2;
    const AsOfMatches matches = matchAsOf(request);
    std::vector<bool> tie_known(sides.right_keys.size(), false);
    std::size_t next_tie = 0;
    for (std::size_t r = 0; r < sides.left_keys.size(); ++r) {
      std::vector<std::int32_t> want = expected(sides, request, r);
      if (want.empty()) {
        ASSERT_EQ(matches.rows[r], -1) << "world " << world << " row " << r;
        continue;
      }
      ASSERT_TRUE(std::find(want.begin(), want.end(), matches.rows[r]) != want.end()) << "world " << world << " row " << r;
      if (want.size() < 2 || tie_known[static_cast<std::size_t>(want[0])]) continue;
      tie_known[static_cast<std::size_t>(want[0])] = true;
      ASSERT_LT(next_tie, matches.ties.size());
      std::vector<std::int32_t> tied = matches.ties[next_tie].rows;
      std::sort(tied.begin(), tied.end());
      ASSERT_EQ(tied, want);
      ASSERT_EQ(matches.ties[next_tie++].left, static_cast<std::int32_t>(r));
    }
    ASSERT_EQ(next_tie, matches.ties.size());
  }
}

TEST(AsOf, OnlyTiesThatDifferDecide) {
  const AsOfMatches matches = matchAsOf(requestOf({.left_keys = {1, 1}, .left_times = {3, 9}, .right_keys = {1, 1, 1}, .right_times = {5, 7, 7}, .available = {}}));
  EXPECT_EQ(matches.rows[0], -1);
  EXPECT_EQ(firstUndecided(matches, sample::floats({0.0, 1.0, 1.0})), -1);
  EXPECT_EQ(firstUndecided(matches, sample::floats({0.0, 1.0, 2.0})), 1);
  EXPECT_EQ(firstUndecided(matches, sample::floats({0.0, 0.0, -0.0})), 1);
  EXPECT_EQ(firstUndecided(matches, sample::floats({0.0, std::nullopt, std::nullopt})), -1);
  EXPECT_EQ(firstUndecided(matches, sample::floats({0.0, std::nullopt, 0.0})), 1);
  EXPECT_EQ(firstUndecided(matches, sample::texts({"", "a", "a"})), -1);
  EXPECT_EQ(firstUndecided(matches, sample::texts({"", "a", "b"})), 1);
}

TEST(AsOf, DatesAreMidnightsAndTheEndsOfTimeAreNoTrouble) {
  AsOfRequest request = requestOf({.left_keys = {1, 1, 1}, .left_times = {86'399'999'999, 86'400'000'000, INT64_MIN + 5}, .right_keys = {1}, .right_times = {1}, .available = {}});
  request.right_time = sample::ints({1}, ir::Kind::Date);
  EXPECT_EQ(matchAsOf(request).rows, (std::vector<std::int32_t>{-1, 0, -1}));
  request.ahead_us = std::int64_t{1} << 60;
  request.within_us = std::int64_t{1} << 60;
  EXPECT_EQ(matchAsOf(request).rows, (std::vector<std::int32_t>{-1, -1, -1}));
}

}  // namespace
}  // namespace cd4ml::data
