// Metrics against scikit-learn 1.9.1 on small fixed samples (tests/oracle/metrics.py prints the numbers).
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // samples name only what matters
#include "runtime/evaluate/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

namespace cd4ml::evaluate {
namespace {

Outcomes binary() {
  Outcomes out;
  out.task = ir::Task::Binary;
  out.classes = {"false", "true"};
  out.actual = {0, 1, 1, 0, 1, 0, 0, 1};
  out.probability = {0.1, 0.4, 0.35, 0.4, 0.8, 0.55, 0.05, 0.9};
  for (const double p : out.probability) out.predicted.push_back(p >= 0.5 ? 1 : 0);
  return out;
}

ir::Metric named(std::string name) {
  ir::Metric metric;
  metric.metric = std::move(name);
  return metric;
}

void expectValue(const char* name, Outcomes outcomes, double wanted) {
  const MetricValue value = computeMetric(named(name), outcomes);
  ASSERT_TRUE(value.value.has_value()) << name << ": " << value.reason;
  EXPECT_NEAR(*value.value, wanted, 1e-12 * std::max(1.0, std::fabs(wanted))) << name;
}

TEST(Metrics, BinaryAgreeWithScikitLearn) {
#include "runtime/evaluate/metrics_binary_golden_test.inc"
}

TEST(Metrics, RegressionAgreeWithScikitLearn) {
  Outcomes out;
  out.target = {3, -0.5, 2, 7, 4.25, 0};
  out.number = {2.5, 0.0, 2, 8, 3.5, 0.25};
#include "runtime/evaluate/metrics_number_golden_test.inc"
}

Outcomes positive() {
  Outcomes out;
  out.target = {0, 3, 2, 7, 4.25, 1};
  out.number = {2.5, 0.5, 2, 8, 3.5, 0.25};
  return out;
}

Outcomes above() {
  Outcomes out = positive();
  out.target[0] = 0.5;
  return out;
}

void expectOption(Outcomes outcomes, const char* name, const char* option, double given, double wanted) {
  ir::Metric metric = named(name);
  metric.options.push_back({.name = option, .value = {given}, .span = {}});
  const MetricValue value = computeMetric(metric, outcomes);
  ASSERT_TRUE(value.value.has_value()) << name << ": " << value.reason;
  EXPECT_NEAR(*value.value, wanted, 1e-12 * std::max(1.0, std::fabs(wanted))) << name << "(" << option << ": " << given << ")";
}

TEST(Metrics, OptionsAgreeWithScikitLearn) {
#include "runtime/evaluate/metrics_option_golden_test.inc"
}

TEST(Metrics, ADevianceOutsideOfItsDistributionHasNoValue) {
  Outcomes out = positive();
  ir::Metric metric = named("deviance");
  metric.options.push_back({.name = "power", .value = {2.0}, .span = {}});
  EXPECT_EQ(computeMetric(metric, out).reason, "a target is not above 0");
  out.number[0] = 0;
  EXPECT_EQ(computeMetric(metric, out).reason, "a prediction is not above 0");
}

TEST(Metrics, WhatHasNoValueSaysWhy) {
  Outcomes one = binary();
  one.actual.assign(one.actual.size(), 0);
  EXPECT_EQ(computeMetric(named("auc"), one).reason, "one class only");
  EXPECT_EQ(computeMetric(named("average_precision"), one).reason, "no true row");
  EXPECT_EQ(computeMetric(named("recall"), one).reason, "none there");
  Outcomes none;
  none.task = ir::Task::Binary;
  EXPECT_EQ(computeMetric(named("log_loss"), none).reason, "no rows");
}

TEST(Metrics, AWeightCountsARowSoManyTimes) {
  Outcomes weighted = binary();
  weighted.weight = {1, 2, 1, 3, 1, 1, 2, 1};
  Outcomes repeated = binary();
  for (std::size_t i = 0; i < weighted.weight.size(); ++i) {
    for (int k = 1; k < static_cast<int>(weighted.weight[i]); ++k) {
      repeated.actual.push_back(repeated.actual[i]);
      repeated.probability.push_back(repeated.probability[i]);
      repeated.predicted.push_back(repeated.predicted[i]);
    }
  }
  for (const char* name : {"auc", "average_precision", "log_loss", "brier", "calibration_error", "accuracy", "f1", "mcc", "ks", "lift"}) {
    Outcomes copy = repeated;
    const auto wanted = computeMetric(named(name), copy).value;
    ASSERT_TRUE(wanted.has_value());
    expectValue(name, weighted, *wanted);
  }
}

/// A model that predicts true from a probability of its own on is judged by what it predicts.
TEST(Metrics, GoByTheModelsOwnThreshold) {
  Outcomes out = binary();
  for (std::size_t i = 0; i < out.predicted.size(); ++i) out.predicted[i] = out.probability[i] >= 0.3 ? 1 : 0;
  expectValue("recall", out, 1.0);
  expectValue("precision", out, 4.0 / 6.0);
  expectOption(out, "recall", "threshold", 0.5, 0.5);
}

}  // namespace
}  // namespace cd4ml::evaluate
