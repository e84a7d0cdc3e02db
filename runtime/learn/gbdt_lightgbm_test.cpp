// The raw scores of our forests against LightGBM's own, bit for bit, with categories, missing values, zeros and edges.
#include <LightGBM/c_api.h>

#include <gtest/gtest.h>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/arrow_stream.h"
#include "runtime/learn/gbdt_columns.h"
#include "runtime/learn/gbdt_parameters.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/sample_columns_test.h"
#include "runtime/score/forest_lightgbm.h"
#include "runtime/score/predict.h"

namespace cd4ml::learn {
namespace {

constexpr std::int64_t test_rows = 100'000;

/// The library's model of the same request, trained directly, and its text.
struct Twin {
  void* dataset = nullptr;
  void* booster = nullptr;
  std::string text;
  ~Twin() {
    LGBM_BoosterFree(booster);
    LGBM_DatasetFree(dataset);
  }
};

void trainTwin(const TrainRequest& request, Twin& twin) {
  const Prepared prepared{.inputs = featureInputs(request.train), .classes = targetClasses(request)};
  const GbdtParameters parameters = gbdtParameters(request, prepared, 1);
  const GbdtColumns columns = gbdtColumns(request.train, prepared);
  const Labels labels = *trainingLabels(request, prepared.classes);
  ArrowArrayStream table = tableStream(columns.columns, request.train.rows);
  ASSERT_EQ(LGBM_DatasetCreateFromArrowStream(&table, parameters.text.c_str(), nullptr, &twin.dataset), 0) << LGBM_GetLastError();
  ArrowArrayStream label = columnStream({.format = "g", .values = labels.target.data()}, request.train.rows);
  ASSERT_EQ(LGBM_DatasetSetFieldFromArrowStream(twin.dataset, "label", &label), 0) << LGBM_GetLastError();
  ASSERT_EQ(LGBM_BoosterCreate(twin.dataset, parameters.text.c_str(), &twin.booster), 0) << LGBM_GetLastError();
  for (std::uint64_t i = 0; i < parameters.trees; ++i) {
    int finished = 0;
    ASSERT_EQ(LGBM_BoosterUpdateOneIter(twin.booster, &finished), 0) << LGBM_GetLastError();
  }
  std::int64_t size = 0;
  twin.text.resize(1 << 24);
  ASSERT_EQ(LGBM_BoosterSaveModelToString(twin.booster, 0, -1, 0, static_cast<std::int64_t>(twin.text.size()), &size, twin.text.data()), 0);
  twin.text.resize(static_cast<std::size_t>(size - 1));
}

/// Rows to be scored, one array an input: the sample's distribution, and now and then an edge.
std::vector<std::vector<double>> edgeRows(const score::Forest& forest, std::int64_t rows) {
  std::mt19937_64 random(99);
  const double edges[] = {0.0, -0.0, 1e-36, -1e-36, 1e-35, static_cast<double>(1e-35F), -static_cast<double>(1e-35F), 1e300, -1e300,
                          std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                          std::numeric_limits<double>::quiet_NaN(), -1.0, -0.5, 70.0, 1e9};
  std::vector<std::vector<double>> cuts(forest.features);
  for (const score::Tree& tree : forest.trees) {
    for (const score::Split& split : tree.splits) {
      if (!split.categorical) cuts[split.feature].push_back(split.threshold);
    }
  }
  std::vector<std::vector<double>> columns(forest.features, std::vector<double>(static_cast<std::size_t>(rows) + 64));
  for (std::size_t f = 0; f < columns.size(); ++f) {
    for (double& value : columns[f]) {
      const auto kind = random() % 16;
      if (kind == 0) value = edges[random() % std::size(edges)];
      else if (kind < 6 && !cuts[f].empty()) {
        value = cuts[f][random() % cuts[f].size()];
        if (kind == 2) value = std::nextafter(value, 1e308);
        if (kind == 3) value = std::nextafter(value, -1e308);
      } else {
        value = f == 6 ? static_cast<double>(random() % 64) : static_cast<double>(random() % 20000) / 200.0 - 20.0;
        if (f == 6 && kind == 7) value = std::numeric_limits<double>::quiet_NaN();
      }
    }
  }
  return columns;
}

std::vector<double> libraryScores(void* booster, const std::vector<std::vector<double>>& columns, std::int64_t rows, std::uint32_t outputs) {
  std::vector<double> matrix;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (const auto& column : columns) matrix.push_back(column[static_cast<std::size_t>(r)]);
  }
  std::vector<double> scores(static_cast<std::size_t>(rows) * outputs);
  std::int64_t written = 0;
  EXPECT_EQ(LGBM_BoosterPredictForMat(booster, matrix.data(), C_API_DTYPE_FLOAT64, static_cast<std::int32_t>(rows),
                                      static_cast<std::int32_t>(columns.size()), 1, C_API_PREDICT_RAW_SCORE, 0, -1, "num_threads=1", &written, scores.data()), 0);
  EXPECT_EQ(written, static_cast<std::int64_t>(scores.size()));
  return scores;
}

void expectEqual(const score::ForestScorer& scorer, const std::vector<std::vector<double>>& columns, std::int64_t rows,
                 std::uint32_t outputs, const std::vector<double>& wanted) {
  std::vector<const double*> pointers;
  for (const auto& column : columns) pointers.push_back(column.data());
  std::vector<double> scores(wanted.size());
  scorer.score(pointers, rows, scores.data());
  std::int64_t different = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::uint32_t o = 0; o < outputs; ++o) {
      const double ours = scores[static_cast<std::size_t>(o * rows + r)];
      const double theirs = wanted[static_cast<std::size_t>(r * outputs + o)];
      if (std::memcmp(&ours, &theirs, sizeof ours) != 0) ++different;
    }
  }
  EXPECT_EQ(different, 0) << "of " << rows << " rows";
}

void compare(const TrainRequest& request) {
  Twin twin;
  trainTwin(request, twin);
  const Result<score::Forest> forest = score::readLightgbm(twin.text);
  ASSERT_TRUE(forest.ok()) << forest.error().message;
  const auto columns = edgeRows(*forest, test_rows);
  const auto wanted = libraryScores(twin.booster, columns, test_rows, forest->outputs);
  expectEqual(*score::makeWalker(*forest), columns, test_rows, forest->outputs, wanted);
  expectEqual(*score::makeScorer(*forest), columns, test_rows, forest->outputs, wanted);
  // What the trainer gives is this very forest.
  const Result<Trained> trained = train(request, {.threads = 2});
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  score::Model expected = trained->model;
  expected.body = *forest;
  EXPECT_EQ(score::encodeModel(expected), score::encodeModel(trained->model));
}

TEST(GbdtLightgbm, BinaryScoresAreLightgbmsToTheBit) { compare(sampleRequest(ir::Task::Binary, 40'000)); }

TEST(GbdtLightgbm, MulticlassScoresAreLightgbmsToTheBit) {
  TrainRequest request = sampleRequest(ir::Task::Multiclass, 20'000);
  request.options = gbdtOptions(30, 15);
  compare(request);
}

TEST(GbdtLightgbm, RegressionScoresAreLightgbmsToTheBit) {
  for (const char* loss : {"squared", "absolute", "huber", "pinball"}) {
    SCOPED_TRACE(loss);
    TrainRequest request = sampleRequest(ir::Task::Regression, 20'000);
    request.options = gbdtOptions(40, 63, {std::string(loss)});
    compare(request);
  }
}

TEST(GbdtLightgbm, ManyLeavesAndFewRows) {
  TrainRequest request = sampleRequest(ir::Task::Regression, 30'000);
  request.options = gbdtOptions(10, 600);
  compare(request);
  TrainRequest few = sampleRequest(ir::Task::Binary, 30);
  compare(few);
}

TEST(GbdtLightgbm, ThreadsDoNotChangeTheModel) {
  for (const ir::Task task : {ir::Task::Binary, ir::Task::Multiclass, ir::Task::Regression}) {
    const TrainRequest request = sampleRequest(task, 60'000);
    const Result<Trained> one = train(request, {.threads = 1});
    const Result<Trained> two = train(request, {.threads = 2});
    const Result<Trained> four = train(request, {.threads = 4});
    ASSERT_TRUE(one.ok() && two.ok() && four.ok());
    EXPECT_EQ(score::contentId(one->model), score::contentId(two->model)) << ir::taskText(task);
    EXPECT_EQ(score::contentId(one->model), score::contentId(four->model)) << ir::taskText(task);
  }
}

TEST(GbdtLightgbm, EarlyStopKeepsTheBestRound) {
  TrainRequest request = sampleRequest(ir::Task::Binary, 4'000);
  request.options = gbdtOptions(500, 31, {}, 10);
  const Result<Trained> trained = train(request, {.threads = 2});
  ASSERT_TRUE(trained.ok()) << trained.error().message;
  const auto& forest = std::get<score::Forest>(trained->model.body);
  EXPECT_LT(forest.trees.size(), 490U);
  EXPECT_NE(trained->summary.find("\"iterations\":" + std::to_string(forest.trees.size() + 10) + ",\"best_iteration\":" + std::to_string(forest.trees.size())), std::string::npos)
      << trained->summary;
}

TEST(GbdtLightgbm, OneClassIsAnErrorThatSaysSo) {
  TrainRequest request = sampleRequest(ir::Task::Binary, 100);
  request.train.target = boolColumn(std::vector<std::uint8_t>(100, 1));
  const Result<Trained> trained = train(request, {});
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, "CD5501");
  EXPECT_EQ(trained.error().message, "the target is true in all 100 training rows; there is nothing to tell apart");
}

TEST(GbdtLightgbm, ALossThatDoesNotFitTheTargetFailsBeforeTraining) {
  for (const char* loss : {"poisson", "gamma", "tweedie"}) {
    TrainRequest request = sampleRequest(ir::Task::Regression, 1000);
    request.options = gbdtOptions(5, 31, {std::string(loss)});
    testing::internal::CaptureStderr();
    const Result<Trained> trained = train(request, {});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    ASSERT_FALSE(trained.ok()) << loss;
    EXPECT_EQ(trained.error().code, "CD5502");
    EXPECT_NE(trained.error().message.find(std::string("loss \"") + loss + "\" takes"), std::string::npos) << trained.error().message;
  }
}

TEST(GbdtLightgbm, CancelledTrainingStops) {
  TrainRequest request = sampleRequest(ir::Task::Binary, 1000);
  const std::atomic<bool> cancelled{true};
  const Result<Trained> trained = train(request, {.threads = 1, .progress = {}, .phase = {}, .cancelled = &cancelled});
  ASSERT_FALSE(trained.ok());
  EXPECT_EQ(trained.error().code, "CD5503");
}

TEST(ReadLightgbm, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"", "tree\n\n", "tree\nversion=v3\nnum_tree_per_iteration=1\nmax_feature_idx=0\n\nend of trees\n",
                           "tree\nversion=v4\nnum_tree_per_iteration=1\nmax_feature_idx=0\n\nTree=0\nnum_leaves=2\nnum_cat=0\n\n\nend of trees\n"}) {
    const auto forest = score::readLightgbm(text);
    ASSERT_FALSE(forest.ok()) << text;
    EXPECT_EQ(forest.error().code, "CD5504");
  }
}

}  // namespace
}  // namespace cd4ml::learn
