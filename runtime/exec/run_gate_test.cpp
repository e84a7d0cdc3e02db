#include "runtime/exec/run_gate.h"

#include <gtest/gtest.h>

#include "compiler/ir/text.h"

namespace cd4ml::exec {
namespace {

GateResult judge(const std::string& check, const GateEvidence& evidence) {
  const std::string text = R"(pipeline p

#0 evaluate quality
  part test
  metric auc as auc by [] min 0
  metric log_loss as log_loss by [3] min 500

#1 gate release
  on #0
  )" + check + "\n  hold\n";
  const Result<ir::Pipeline> pipeline = ir::parsePipeline(text);
  EXPECT_TRUE(pipeline.ok()) << pipeline.error().message;
  return judgeGate(*pipeline, std::get<ir::Gate>(pipeline->nodes[1].body), evidence);
}

GateEvidence evidence(const std::string& auc) {
  return {.candidate = {R"({"rows":900,"metrics":[{"name":"auc","value":)" + auc +
                        R"(},{"name":"log_loss","value":0.5,"slices":[{"by":{"o":"a"},"value":0.4},{"by":{"o":"b"},"value":0.8}]}]})"},
          .champion = GateEvidence::Champion::None, .champion_metrics = {}, .champion_reason = {}};
}

TEST(RunGate, ComparesValueAndLimit) {
  const std::string check = R"(require (1.0 * metric candidate whole 0 0) >= (1.0 * constant 0.65) "auc >= 0.65")";
  EXPECT_EQ(judge(check, evidence("0.65")).verdict, GateVerdict::Pass);
  const GateResult held = judge(check, evidence("0.64"));
  EXPECT_EQ(held.verdict, GateVerdict::Held);
  EXPECT_EQ(held.checks[0].value, 0.64);
  EXPECT_EQ(held.checks[0].limit, 0.65);
}

TEST(RunGate, WhatHasNoValueIsInconclusive) {
  const std::string check = R"(require (1.0 * metric candidate whole 0 0) >= (1.0 * constant 0.65) "auc >= 0.65")";
  EXPECT_EQ(judge(check, evidence("\"nan\"")).verdict, GateVerdict::Inconclusive);
  const GateResult none = judge(check, evidence(R"(null,"reason":"one class only")"));
  EXPECT_EQ(none.verdict, GateVerdict::Inconclusive);
  EXPECT_NE(none.checks[0].reason.find("one class only"), std::string::npos);
}

TEST(RunGate, AWarningHoldsNothing) {
  const GateResult result = judge(R"(warn (1.0 * metric candidate whole 0 0) >= (1.0 * constant 0.9) "x")", evidence("0.7"));
  EXPECT_EQ(result.verdict, GateVerdict::Pass);
  EXPECT_EQ(result.checks[0].verdict, CheckVerdict::Warn);
}

TEST(RunGate, WorstFollowsTheDirectionOfTheMetric) {
  const auto worst = judge(R"(require (1.0 * metric candidate worst 0 1) <= (1.0 * constant 0.7) "x")", evidence("0.7"));
  EXPECT_EQ(worst.checks[0].value, 0.8);
  EXPECT_EQ(worst.verdict, GateVerdict::Held);
  const auto gap = judge(R"(require (1.0 * metric candidate gap 0 1) <= (1.0 * constant 0.7) "x")", evidence("0.7"));
  EXPECT_NEAR(*gap.checks[0].value, 0.4, 1e-12);
  EXPECT_EQ(judge(R"(require (1.0 * metric candidate ratio 0 1) >= (1.0 * constant 0.5) "x")", evidence("0.7")).verdict, GateVerdict::Pass);
}

TEST(RunGate, AChampionThatIsNotThereIsAFirstRelease) {
  const std::string check = R"(require (1.0 * metric candidate whole 0 0) >= (1.0 * metric champion whole 0 0, -1.0 * constant 0.005) "x")";
  const GateResult first = judge(check, evidence("0.7"));
  EXPECT_EQ(first.verdict, GateVerdict::Pass);
  EXPECT_EQ(first.checks[0].verdict, CheckVerdict::FirstRelease);
  GateEvidence known = evidence("0.7");
  known.champion = GateEvidence::Champion::Known;
  known.champion_metrics = evidence("0.71").candidate;
  EXPECT_EQ(judge(check, known).verdict, GateVerdict::Held);
  known.champion = GateEvidence::Champion::Unusable;
  known.champion_reason = "it lacks the column origin";
  EXPECT_EQ(judge(check, known).verdict, GateVerdict::Inconclusive);
}

TEST(RunGate, ValuesReadBack) {
  const GateResult result = judge(R"(require (1.0 * rows candidate 0) >= (1.0 * constant 1000.0) "rows >= 1000")", evidence("0.7"));
  const auto back = readGateValue(gateValue(result));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(gateValue(*back), gateValue(result));
  EXPECT_FALSE(readGateValue("{}").has_value());
}

}  // namespace
}  // namespace cd4ml::exec
