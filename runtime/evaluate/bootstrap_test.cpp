// The bootstrap against rows that are really repeated.
#include "runtime/evaluate/bootstrap.h"

#include <cmath>
#include <cstring>

#include <gtest/gtest.h>

#include "runtime/data/row_id.h"
#include "runtime/evaluate/metrics.h"

namespace cd4ml::evaluate {
namespace {

TEST(Bootstrap, DrawsAreAPoissonNumberOfMeanOne) {
  double sum = 0;
  double squares = 0;
  double none = 0;
  constexpr int count = 400'000;
  for (int i = 0; i < count; ++i) {
    const double draws = drawsOf(data::mix(static_cast<std::uint64_t>(i)), 7);
    sum += draws;
    squares += draws * draws;
    none += draws == 0 ? 1 : 0;
  }
  EXPECT_NEAR(sum / count, 1.0, 0.01);
  EXPECT_NEAR(squares / count - 1.0, 1.0, 0.02);
  EXPECT_NEAR(none / count, std::exp(-1.0), 0.005);
}

data::Column bools(const std::vector<std::uint8_t>& values) {
  data::Column column;
  column.type = {.kind = ir::Kind::Bool};
  column.rows = static_cast<std::int64_t>(values.size());
  auto buffer = data::allocateBuffer(values.size());
  std::memcpy(buffer.get(), values.data(), values.size());
  column.values = buffer;
  return data::finishColumn(column);
}

TEST(Bootstrap, AReplicateIsTheMetricOfTheRepeatedRows) {
  constexpr std::size_t rows = 600;
  ir::Evaluate node;
  for (const char* name : {"auc", "log_loss", "f1", "average_precision", "ks"}) {
    ir::Metric metric;
    metric.metric = metric.name = name;
    node.metrics.push_back(metric);
  }
  std::vector<std::uint8_t> truth(rows);
  std::vector<std::uint64_t> ids(rows);
  score::Predictions predictions{.rows = rows, .raw = {}, .number = {}, .probability = {}, .by_class = {}, .label = {}};
  for (std::size_t i = 0; i < rows; ++i) {
    ids[i] = data::mix(i + 99);
    const double p = static_cast<double>(data::mix(ids[i]) >> 58U) / 64;
    predictions.probability.push_back(p);
    predictions.label.push_back(p >= 0.5 ? 1 : 0);
    truth[i] = static_cast<double>(data::mix(ids[i] + 1) >> 40U) * 0x1p-24 < 0.2 + 0.6 * p ? 1 : 0;
  }
  EvaluateRequest request;
  request.node = &node;
  request.target = bools(truth);
  request.task = ir::Task::Binary;
  request.target_kind = ir::Kind::Bool;
  request.predictions = &predictions;
  request.rows = rows;
  std::vector<std::uint32_t> wanted{4, 0, 2, 1, 3};
  const auto one_thread = replicate(request, ids, wanted, nullptr);
  request.threads = 3;
  const auto three_threads = replicate(request, ids, wanted, nullptr);
  ASSERT_TRUE(one_thread.ok() && three_threads.ok());
  for (std::size_t r = 0; r < replicate_count; r += 111) {
    Outcomes drawn;
    drawn.task = ir::Task::Binary;
    drawn.classes = {"false", "true"};
    for (std::size_t i = 0; i < rows; ++i) {
      for (int k = 0; k < drawsOf(ids[i], r); ++k) {
        drawn.actual.push_back(truth[i]);
        drawn.predicted.push_back(predictions.label[i]);
        drawn.probability.push_back(predictions.probability[i]);
      }
    }
    for (std::size_t w = 0; w < wanted.size(); ++w) {
      const MetricValue value = computeMetric(node.metrics[wanted[w]], drawn);
      EXPECT_NEAR((*one_thread)[w].whole[r], *value.value, 1e-12) << node.metrics[wanted[w]].name << " in replicate " << r;
      EXPECT_EQ((*one_thread)[w].whole[r], (*three_threads)[w].whole[r]);
    }
  }
}

}  // namespace
}  // namespace cd4ml::evaluate
