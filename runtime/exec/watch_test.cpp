#include "runtime/exec/watch.h"

#include <gtest/gtest.h>

namespace cd4ml::exec {
namespace {

ir::GateCheck check(const std::string& text, ir::GateTerm left) {
  ir::GateTerm limit;
  limit.kind = ir::GateTerm::Kind::Constant;
  limit.constant = 0.5;
  ir::GateCheck out;
  out.text = text;
  out.op = ">=";
  out.left.terms = {{1.0, left}};
  out.right.terms = {{1.0, limit}};
  out.confident = 0.95;
  return out;
}

TEST(Watch, OfAGateOnlyLimitsOfOneModelsMetricsAreTestedAgain) {
  ir::GateTerm metric;
  ir::GateTerm champion;
  champion.subject = ir::GateTerm::Subject::Champion;
  ir::GateTerm latency;
  latency.kind = ir::GateTerm::Kind::Latency;
  ir::GateTerm rows;
  rows.kind = ir::GateTerm::Kind::Rows;
  ir::Gate gate;
  gate.checks = {check("auc >= 0.5", metric), check("champion", champion), check("latency", latency), check("rows", rows)};
  const ir::Gate limits = absoluteLimits(gate);
  ASSERT_EQ(limits.checks.size(), 1U);
  EXPECT_EQ(limits.checks[0].text, "auc >= 0.5");
  EXPECT_FALSE(limits.checks[0].confident.has_value());
}

}  // namespace
}  // namespace cd4ml::exec
