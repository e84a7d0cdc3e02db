#include "runtime/serve/counters.h"

#include <thread>

#include <gtest/gtest.h>

#include "runtime/serve/arm.h"
#include "runtime/serve/ring.h"
#include "runtime/serve/routes.h"

namespace cd4ml::serve {
namespace {

TEST(Counters, LatencyFallsIntoTheBucketOfTheRollouts) {
  for (std::uint64_t us = 1; us < 2'000'000; us = us < 300 ? us + 1 : us + us / 7) {
    release::LatencyCounts counts;
    counts.add(static_cast<double>(us));
    EXPECT_EQ(counts.counts[latencyBucket(us)], 1U) << us;
  }
}

TEST(Ring, LosesAndDoublesNothing) {
  Ring<std::unique_ptr<int>> ring(64);
  std::atomic<long> sum{0};
  std::atomic<int> taken{0};
  constexpr int each = 20'000;
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < each; ++i) {
        auto value = std::make_unique<int>(t * each + i);
        while (!ring.push(value)) std::this_thread::yield();
      }
    });
    threads.emplace_back([&] {
      std::unique_ptr<int> value;
      while (taken.load() < 2 * each) {
        if (!ring.pop(value)) continue;
        sum += *value;
        ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), 2L * each * (2L * each - 1) / 2);
}

TEST(Ring, SaysWhenItIsFull) {
  Ring<std::unique_ptr<int>> ring(4);
  for (int i = 0; i < 4; ++i) {
    auto value = std::make_unique<int>(i);
    EXPECT_TRUE(ring.push(value));
  }
  auto more = std::make_unique<int>(9);
  EXPECT_FALSE(ring.push(more));
  EXPECT_NE(more, nullptr) << "what does not fit stays with its owner";
}

TEST(Share, IsStickyAndNested) {
  int in_five = 0;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t key = spread("customer-" + std::to_string(i), 42);
    in_five += inShare(key, 0.05) ? 1 : 0;
    EXPECT_TRUE(!inShare(key, 0.05) || inShare(key, 0.25)) << "a key of a small share is one of a larger";
  }
  EXPECT_NEAR(in_five, 5000, 300);
}

TEST(Routes, MatchPathsMethodsAndSlashes) {
  const Matched infer = match(Method::Post, "/v2/models/late/versions/7/infer/");
  ASSERT_NE(infer.route, nullptr);
  EXPECT_EQ(infer.model, "late");
  EXPECT_EQ(infer.version, "7");
  EXPECT_EQ(match(Method::Head, "/v2/health/live").route->handler, Handler::Live);
  EXPECT_EQ(match(Method::Get, "/invocations").route, nullptr);
  EXPECT_TRUE(match(Method::Get, "/invocations").path_known);
  EXPECT_FALSE(match(Method::Get, "/v2/models//infer").path_known);
  EXPECT_FALSE(match(Method::Get, "*").path_known);
  EXPECT_EQ(allowedMethods("/metrics"), "GET, HEAD");
}

}  // namespace
}  // namespace cd4ml::serve
