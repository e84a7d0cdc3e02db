// The linear family on made-up data: conditions that hold at its optimum, whatever the solver.
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/learn/sample_columns_test.h"

namespace cd4ml::learn {
namespace {

struct Data {
  std::vector<std::vector<double>> x;
  std::vector<double> y;
};

Data sample() {
  std::mt19937_64 random(3);
  const auto unit = [&] { return static_cast<double>(random() >> 11U) * 0x1p-53; };
  Data data{.x = std::vector<std::vector<double>>(4, std::vector<double>(300)), .y = std::vector<double>(300)};
  for (std::size_t r = 0; r < 300; ++r) {
    for (auto& column : data.x) column[r] = unit() * 4 - 2;
    data.x[3][r] = data.x[0][r] + 0.1 * unit();
    data.y[r] = 1.5 + 2 * data.x[0][r] - 0.5 * data.x[1][r] + unit();
  }
  return data;
}

score::Linear trainOn(const Data& data, const std::string& algorithm, std::vector<ir::Option> options) {
  TrainRequest request;
  request.algorithm = algorithm;
  request.options = std::move(options);
  request.train.rows = 300;
  for (const auto& column : data.x) request.train.features.push_back(floatColumn(column)), request.names.emplace_back("x");
  request.train.target = floatColumn(data.y);
  request.target_type = request.train.target.type;
  const auto trained = train(request, {});
  EXPECT_TRUE(trained.ok());
  return std::get<score::Linear>(trained->model.body);
}

std::vector<ir::Option> penalties(double l1, double l2) {
  return {option("l1", {l1}), option("l2", {l2}), option("iterations", {std::int64_t{10000}}), option("tolerance", {1e-12}), option("intercept", {true})};
}

/// Correlation of each standardized input with what is left of the target.
struct Optimum { double weight = 0; double pull = 0; };
std::vector<Optimum> optimumOf(const Data& data, const score::Linear& model) {
  std::vector<Optimum> out;
  for (std::size_t i = 0; i < data.x.size(); ++i) {
    double mean = 0;
    double square = 0;
    for (const double v : data.x[i]) mean += v / 300;
    for (const double v : data.x[i]) square += (v - mean) * (v - mean) / 300;
    const double deviation = std::sqrt(square);
    Optimum one{.weight = model.weights[i] * deviation};
    for (std::size_t r = 0; r < 300; ++r) {
      double left = data.y[r] - model.intercept[0];
      for (std::size_t k = 0; k < data.x.size(); ++k) left -= model.weights[k] * data.x[k][r];
      one.pull += (data.x[i][r] - mean) / deviation * left;
    }
    out.push_back(one);
  }
  return out;
}

TEST(LinearFamily, AnAbsolutePenaltyMeetsTheOptimalityConditions) {
  const Data data = sample();
  for (const double l1 : {1.0, 40.0, 200.0}) {
    for (const double l2 : {0.0, 25.0}) {
      for (const Optimum& one : optimumOf(data, trainOn(data, "elastic_net", penalties(l1, l2)))) {
        if (one.weight == 0) EXPECT_LE(std::fabs(one.pull), l1 + 1e-6);
        else EXPECT_NEAR(one.pull, l2 * one.weight + std::copysign(l1, one.weight), 1e-6);
      }
    }
  }
}

TEST(LinearFamily, APenaltyLargeEnoughLeavesTheConstant) {
  const Data data = sample();
  const score::Linear model = trainOn(data, "lasso", penalties(1e6, 0));
  double mean = 0;
  for (const double y : data.y) mean += y / 300;
  for (const double weight : model.weights) EXPECT_EQ(weight, 0.0);
  EXPECT_NEAR(model.intercept[0], mean, 1e-12);
}

TEST(LinearFamily, PoissonMeetsItsScoreEquations) {
  Data data = sample();
  for (double& y : data.y) y = std::floor(std::exp(y / 3));
  const score::Linear model = trainOn(data, "poisson", {option("l1", {0.0}), option("l2", {0.0}), option("iterations", {std::int64_t{100}}), option("tolerance", {1e-12}), option("intercept", {true})});
  std::vector<double> slope(data.x.size() + 1, 0.0);
  for (std::size_t r = 0; r < 300; ++r) {
    double z = model.intercept[0];
    for (std::size_t k = 0; k < data.x.size(); ++k) z += model.weights[k] * data.x[k][r];
    for (std::size_t k = 0; k < data.x.size(); ++k) slope[k] += data.x[k][r] * (std::exp(z) - data.y[r]);
    slope.back() += std::exp(z) - data.y[r];
  }
  for (const double s : slope) EXPECT_NEAR(s, 0.0, 1e-6);
}

}  // namespace
}  // namespace cd4ml::learn
