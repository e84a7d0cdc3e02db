#include "runtime/evaluate/calibration.h"

#include <gtest/gtest.h>

namespace cd4ml::evaluate {
namespace {

Outcomes binary() {
  Outcomes out;
  out.task = ir::Task::Binary;
  out.classes = {"false", "true"};
  out.probability = {0.05, 0.07, 0.31, 0.39, 0.35, 1.0};
  out.actual = {0, 1, 0, 1, 1, 1};
  return out;
}

TEST(Calibration, BinsHoldWhatWasPromisedAndWhatCameTrue) {
  const std::vector<CalibrationBin> curve = calibrationCurve(binary(), 10);
  ASSERT_EQ(curve.size(), 3U);
  EXPECT_NEAR(curve[0].predicted, 0.06, 1e-12);
  EXPECT_NEAR(curve[0].observed, 0.5, 1e-12);
  EXPECT_NEAR(curve[1].low, 0.3, 1e-12);
  EXPECT_NEAR(curve[1].high, 0.4, 1e-12);
  EXPECT_NEAR(curve[1].predicted, 0.35, 1e-12);
  EXPECT_NEAR(curve[1].observed, 2.0 / 3.0, 1e-12);
  EXPECT_EQ(curve[1].rows, 3);
  EXPECT_NEAR(curve[2].low, 0.9, 1e-12);  // a probability of 1 is of the last bin
}

TEST(Calibration, AWeightCountsARowSoManyTimes) {
  Outcomes weighted = binary();
  weighted.weight = {3, 1, 1, 1, 1, 1};
  const std::vector<CalibrationBin> curve = calibrationCurve(weighted, 10);
  EXPECT_EQ(curve[0].rows, 4);
  EXPECT_NEAR(curve[0].observed, 0.25, 1e-12);
  EXPECT_NEAR(curve[0].predicted, (3 * 0.05 + 0.07) / 4, 1e-12);
}

TEST(Calibration, OnlyBinaryModelsHaveACurve) {
  Outcomes other = binary();
  other.task = ir::Task::Multiclass;
  EXPECT_TRUE(calibrationCurve(other, 10).empty());
  EXPECT_TRUE(calibrationCurve(EvaluateRequest{}, 10).value().empty());
}

}  // namespace
}  // namespace cd4ml::evaluate
