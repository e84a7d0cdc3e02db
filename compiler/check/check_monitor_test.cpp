/// Monitors and items of deploys: what the checker makes of them survives its text form.
#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/ir/text.h"

namespace cd4ml::check {
namespace {

constexpr std::string_view program = R"(pipeline p
source rows = csv("r.csv") { at: timestamp @time  x: float  late: bool }
features f from rows { target late  y = x }
split f by time { train 80%  test 20% }
model m = gbdt(f)
evaluate q of m on test { auc }
gate g on q { require auc >= 0.5 }
notify ops = slack(secret("OPS"))
deploy first of m when g { }
deploy d of m when g {
  rollout shadow 500 requests, canary [5%, 25%, 50%]
  guard latency(p: 99) <= 20ms
  guard error_rate < 1%
  settle 24h
  keep 3 versions
  capture 10%
  when held => notify ops
}
monitor w of d {
  window 1d min 500 rows
  baseline last 28d
  drift(stat: "psi", effect: 0.2) features, x by y
  quality
  freshness 2d
  require mean(x) < 3.0
  warn mean(prediction) >= 0.0
  labels within 2d
  cooldown 24h
  budget 3 per 7d
  every 7d => retrain
  when drift => retrain, notify ops
  when age >= 30d => hold
}
monitor s of rows { require count() > 3  when alarm => notify ops  when rows >= 500 => notify ops }
)";

TEST(Monitor, KeepsEveryItem) {
  const Program right(program);
  ASSERT_EQ(right.said(), "");
  const std::string text = ir::printPipeline(right.checked.pipeline);
  EXPECT_NE(text.find("drift psi 0.2 0.05 of [\"features\" \"x\"] by [\"y\"]"), std::string::npos) << text;
  EXPECT_NE(text.find("guard latency 0.99 0 20000"), std::string::npos) << text;
  const auto again = ir::parsePipeline(text);
  ASSERT_TRUE(again.ok()) << again.error().describe();
  EXPECT_EQ(ir::printPipeline(*again), text);
}

}  // namespace
}  // namespace cd4ml::check
