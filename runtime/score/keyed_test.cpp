#include "runtime/score/keyed.h"

#include <gtest/gtest.h>

namespace cd4ml::score {
namespace {

Model constant(double value) {
  Model model;
  model.algorithm = "constant";
  model.features = {FeatureInput{.kind = ir::Kind::Float}};
  model.body = Linear{.inputs = 1, .weights = {0}, .intercept = {value}};
  return model;
}

ColumnView ints(const std::vector<std::int64_t>& values) {
  return {.kind = ir::Kind::Int, .rows = static_cast<std::int64_t>(values.size()), .values = values.data(), .offsets = nullptr, .validity = nullptr, .dictionary = nullptr};
}

Model keyedModel(bool fallback) {
  const std::vector<std::int64_t> numbers = {3, 7, 0, 0, 0, 0, 0, 0};
  auto keyed = std::make_shared<Keyed>();
  keyed->kinds = {ir::Kind::Int};
  keyed->fallback = fallback;
  const ColumnView view = ints(numbers);
  keyed->keys = {keyOf({&view, 1}, 0), keyOf({&view, 1}, 1)};
  keyed->models = {constant(30), constant(70)};
  Model model = constant(1);
  model.keyed = keyed;
  return model;
}

TEST(Keyed, EachRowIsScoredByTheModelOfItsKey) {
  const std::vector<double> x(16, 0.5);
  const std::vector<std::int64_t> key = {7, 3, 5, 7, 3, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  const ColumnView feature{.kind = ir::Kind::Float, .rows = 6, .values = x.data(), .offsets = nullptr, .validity = nullptr, .dictionary = nullptr};
  ColumnView keys = ints(key);
  keys.rows = 6;
  const std::vector<ColumnView> columns = {feature, keys};
  for (const int threads : {1, 2}) {
    const Predictions with = Predictor(keyedModel(true)).predict(columns, 6, threads);
    EXPECT_EQ(with.number, (std::vector<double>{70, 30, 1, 70, 30, 1}));
    EXPECT_TRUE(with.unknown.empty());
    const Predictions without = Predictor(keyedModel(false)).predict(columns, 6, threads);
    EXPECT_EQ(without.unknown, (std::vector<std::int64_t>{2, 5}));
  }
}

TEST(Keyed, BytesReadBackToTheSameModel) {
  Model model = keyedModel(true);
  model.threshold = 0.25;
  const std::string bytes = encodeModel(model);
  const Result<Model> read = decodeModel(bytes);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(encodeModel(*read), bytes);
  EXPECT_EQ(read->keyed->keys, model.keyed->keys);
  EXPECT_EQ(read->threshold, 0.25);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 7) EXPECT_FALSE(decodeModel(std::string_view(bytes).substr(0, cut)).ok());
}

TEST(Keyed, AModelWithoutKeysIsWrittenAsBefore) {
  EXPECT_EQ(encodeModel(constant(2))[0], 1);
  EXPECT_EQ(encodeModel(keyedModel(true))[0], 2);
}

TEST(Keyed, KeysOutOfOrderAreRefused) {
  Model model = keyedModel(true);
  auto keyed = std::make_shared<Keyed>(*model.keyed);
  std::swap(keyed->keys[0], keyed->keys[1]);
  model.keyed = keyed;
  EXPECT_FALSE(decodeModel(encodeModel(model)).ok());
}

}  // namespace
}  // namespace cd4ml::score
