#pragma GCC diagnostic ignored "-Wmissing-field-initializers"  // samples name only what matters
#include "runtime/score/bundle.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "runtime/score/score_rows.h"

namespace cd4ml::score {
namespace {

/// Two inputs, one of them non-null with a check; a forest of one split on the second.
Bundle sample() {
  Bundle bundle;
  bundle.program.inputs = {{.name = "a", .type = {.kind = ir::Kind::Float}}, {.name = "b", .type = {.kind = ir::Kind::Float, .nullable = true}}};
  ir::Graph& graph = bundle.program.graph;
  ir::Value a{.op = ir::Op::Input, .type = {.kind = ir::Kind::Float}};
  ir::Value b{.op = ir::Op::Input, .type = {.kind = ir::Kind::Float, .nullable = true}, .slot = 1};
  ir::Value zero{.op = ir::Op::Constant, .type = {.kind = ir::Kind::Float}, .literal = {0.0}};
  const ir::ValueId first = graph.add(a);
  const ir::ValueId second = graph.add(b);
  const ir::ValueId none = graph.add(zero);
  ir::Value above{.op = ir::Op::Call, .type = {.kind = ir::Kind::Bool}, .name = "gt_ff", .args = {first, none}};
  bundle.program.checks = {{.condition = graph.add(above), .text = "a > 0"}};
  bundle.program.features = {first, second};
  bundle.program.feature_names = {"a", "b"};
  bundle.model.algorithm = "gbdt";
  bundle.model.features = {{.kind = ir::Kind::Float}, {.kind = ir::Kind::Float}};
  Forest forest{.features = 2, .outputs = 1, .trees = {}, .sets = {}, .base = {0.0}};
  forest.trees.push_back({.splits = {{.feature = 1, .default_left = true, .missing = Missing::NaN, .threshold = 1.5, .left = ~0, .right = ~1}}, .leaves = {-1.0, 2.0}});
  bundle.model.body = forest;
  bundle.pipeline = "p";
  bundle.model_name = "m";
  bundle.sections["evidence"] = "{}";
  return bundle;
}

TEST(Bundle, ComesBackAsItWas) {
  const Bundle bundle = sample();
  const std::string bytes = encodeBundle(bundle);
  const Result<Bundle> back = decodeBundle(bytes, "x");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(encodeBundle(*back), bytes);
  EXPECT_EQ(modelId(*back), modelId(bundle));
}

TEST(Bundle, NamesAreNotInTheModelId) {
  Bundle renamed = sample();
  renamed.program.feature_names = {"c", "d"};
  renamed.pipeline = "q";
  EXPECT_EQ(modelId(renamed), modelId(sample()));
  Bundle changed = sample();
  std::get<Forest>(changed.model.body).trees[0].leaves[0] = -1.5;
  EXPECT_NE(modelId(changed), modelId(sample()));
}

TEST(Bundle, EveryDamagedByteIsNoticed) {
  const std::string bytes = encodeBundle(sample());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    const Result<Bundle> back = decodeBundle(damaged, "x");
    ASSERT_FALSE(back.ok()) << "byte " << i;
    EXPECT_TRUE(back.error().code == "CD5601" || back.error().code == "CD5602") << back.error().code;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decodeBundle(bytes.substr(0, size), "x").ok());
}

TEST(Bundle, ALaterFormatIsNamed) {
  std::string bytes = encodeBundle(sample());
  bytes[8] = 2;
  const Result<Bundle> back = decodeBundle(bytes, "late.bundle");
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().code, "CD5602");
  EXPECT_EQ(back.error().message, "late.bundle is a model bundle of format 2; this version of cd4ml reads formats up to 1");
}

TEST(Bundle, FileIsPrivateAndWrittenWhole) {
  const std::string path = std::filesystem::temp_directory_path() / ("cd4ml_bundle_test_" + std::to_string(::getpid()));
  const Result<Digest> id = writeBundle(sample(), path);
  ASSERT_TRUE(id.ok()) << id.error().message;
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  const Result<Bundle> back = readBundle(path);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(modelId(*back), *id);
  std::filesystem::remove(path);
  EXPECT_EQ(readBundle(path).error().code, "CD5601");
}

struct alignas(64) Raw {
  double a[64] = {1, 2, -1, 4, 5};
  double b[64] = {1, 2, 3, 4, 5};
  std::uint8_t there_a[64] = {0xff - 2};
  std::uint8_t there_b[64] = {0xff - 1};
};

std::vector<ColumnView> views(const Raw& raw) {
  return {{.kind = ir::Kind::Float, .rows = 5, .values = raw.a, .validity = raw.there_a},
          {.kind = ir::Kind::Float, .rows = 5, .values = raw.b, .validity = raw.there_b}};
}

TEST(RowScorer, TheFirstBadRowFailsAll) {
  const RowScorer scorer(sample());
  const Raw raw;
  const auto scored = scorer.score(views(raw), 5, OnError::Fail, 1, "new.csv");
  ASSERT_FALSE(scored.ok());
  EXPECT_EQ(scored.error().code, "CD5603");
  EXPECT_EQ(scored.error().message, "new.csv: row 2 cannot be scored: column `a` is null");
}

TEST(RowScorer, OrEachBadRowGetsAReason) {
  const RowScorer scorer(sample());
  const Raw raw;
  const auto scored = scorer.score(views(raw), 5, OnError::Null, 2, "new.csv");
  ASSERT_TRUE(scored.ok()) << scored.error().message;
  ASSERT_EQ(scored->bad.size(), 2U);
  EXPECT_EQ(scored->bad[0].row, 1);
  EXPECT_EQ(scored->bad[1].row, 2);
  EXPECT_EQ(scored->bad[1].reason, "its check `a > 0` does not hold");
  EXPECT_EQ(scored->predictions.raw[0], -1.0);  // null goes left
  EXPECT_EQ(scored->predictions.raw[3], 2.0);
  EXPECT_EQ(scored->predictions.number[4], 2.0);
}

}  // namespace
}  // namespace cd4ml::score
