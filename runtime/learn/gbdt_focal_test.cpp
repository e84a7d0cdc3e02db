#include "runtime/learn/gbdt_focal.h"

#include <cmath>

#include <gtest/gtest.h>

namespace cd4ml::learn {
namespace {

/// Slopes are those of the mean loss, by differences.
void expectSlopes(const FocalLoss& loss, const Labels& labels, std::vector<double> scores) {
  std::vector<float> slope;
  std::vector<float> curvature;
  loss.slopes(scores, slope, curvature);
  double total = 0;
  for (std::size_t r = 0; r < labels.target.size(); ++r) total += labels.weight.empty() ? 1 : labels.weight[r];
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double before = scores[i];
    constexpr double step = 1e-5;
    scores[i] = before + step;
    const double above = loss.mean(scores);
    scores[i] = before - step;
    const double below = loss.mean(scores);
    scores[i] = before;
    EXPECT_NEAR(slope[i], (above - below) / (2 * step) * total, 1e-5) << i;
    EXPECT_GT(curvature[i], 0) << i;
  }
}

TEST(FocalLoss, SlopesOfTwoClasses) {
  const Labels labels{.target = {0, 1, 1, 0, 1}, .weight = {1, 2, 0.5, 3, 1}};
  expectSlopes(FocalLoss(labels, 2, 1.0, 1), labels, {-2.0, -0.5, 0.3, 1.7, 3.0});
}

TEST(FocalLoss, SlopesOfThreeClasses) {
  const Labels labels{.target = {0, 2, 1, 0}, .weight = {}};
  expectSlopes(FocalLoss(labels, 3, 1.0, 1), labels, {0.1, -1, 2, 0, 0.5, 0.4, -0.2, 1, -1.5, 0, 0.7, 0.2});
}

TEST(FocalLoss, BeginsWithTheSharesOfTheClasses) {
  const Labels labels{.target = {0, 0, 0, 1}, .weight = {}};
  EXPECT_NEAR(FocalLoss(labels, 2, 1.0, 1).start()[0], std::log(1.0 / 3.0), 1e-12);
  EXPECT_NEAR(FocalLoss(labels, 2, 3.0, 1).start()[0], 0.0, 1e-12);
}

TEST(FocalLoss, ThreadsChangeNothing) {
  Labels labels;
  std::vector<double> scores;
  for (int r = 0; r < 20'000; ++r) {
    labels.target.push_back(r % 3 == 0 ? 1 : 0);
    scores.push_back(std::sin(r) * 4);
  }
  std::vector<float> one[2];
  std::vector<float> four[2];
  FocalLoss(labels, 2, 1.0, 1).slopes(scores, one[0], one[1]);
  FocalLoss(labels, 2, 1.0, 4).slopes(scores, four[0], four[1]);
  EXPECT_EQ(one[0], four[0]);
  EXPECT_EQ(one[1], four[1]);
}

}  // namespace
}  // namespace cd4ml::learn
