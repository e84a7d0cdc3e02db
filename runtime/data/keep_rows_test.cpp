#include "runtime/data/keep_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "runtime/data/append.h"
#include "runtime/data/key_index.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/data/value_text.h"

namespace cd4ml::data {
namespace {

using Rows = std::vector<std::int32_t>;

std::string texts(const Column& column) {
  std::string out;
  for (std::int64_t r = 0; r < column.rows; ++r) out += (r == 0 ? "" : " ") + valueText(column, r);
  return out;
}

TEST(Dedupe, KeepsOneRowAKeyWhereNothingHasNoPlaceInTheOrder) {
  const Column key = sample::categories({"b", "a", std::nullopt, "b", "a", std::nullopt, "c"});
  const Column by = sample::floats({2.0, std::nullopt, 1.0, 1.0, 5.0, std::nan(""), std::nullopt});
  EXPECT_EQ(dedupeRows(std::span(&key, 1), by, Keep::First, {}, 7).rows, (Rows{2, 3, 4, 6}));
  EXPECT_EQ(dedupeRows(std::span(&key, 1), by, Keep::Last, {}, 7).rows, (Rows{0, 2, 4, 6}));
}

TEST(Dedupe, TellsTiesThatDiffer) {
  const Column key = sample::ints({1, 1, 2, 2});
  const Column by = sample::ints({7, 7, 7, 7});
  const Column same = sample::floats({0.5, 0.5, std::nullopt, std::nullopt});
  const Column zeros = sample::floats({0.5, 0.5, 0.0, -0.0});
  EXPECT_EQ(dedupeRows(std::span(&key, 1), by, Keep::First, std::span(&same, 1), 4).rows, (Rows{0, 2}));
  const std::vector<Column> both{same, zeros};
  const DedupedRows tied = dedupeRows(std::span(&key, 1), by, Keep::Last, both, 4);
  ASSERT_TRUE(tied.tie.has_value());
  EXPECT_EQ(tied.tie->row, 2);
  EXPECT_EQ(tied.tie->other, 3);
  EXPECT_EQ(tied.tie->column, 1u);
}

TEST(Sample, IsOfTheIdsAloneAndGrowsWithTheShare) {
  std::vector<std::optional<std::int64_t>> values;
  for (std::int64_t i = 0; i < 4000; ++i) values.emplace_back(i * 7);
  const Column ids = sample::ints(values);
  const Rows tenth = sampleRows(std::span(&ids, 1), 4000, 0.1, 0, 1);
  const Rows half = sampleRows(std::span(&ids, 1), 4000, 0.5, 0, 2);
  EXPECT_NEAR(static_cast<double>(tenth.size()), 400, 80);
  EXPECT_TRUE(std::includes(half.begin(), half.end(), tenth.begin(), tenth.end()));
  EXPECT_NE(sampleRows(std::span(&ids, 1), 4000, 0.1, 1, 1), tenth);
  EXPECT_EQ(sampleRows(std::span(&ids, 1), 4000, 1.0, 0, 1).size(), 4000u);
  std::reverse(values.begin(), values.end());
  const Column reversed = sample::ints(values);
  Rows places = sampleRows(std::span(&reversed, 1), 4000, 0.1, 0, 1);
  for (std::int32_t& place : places) place = 3999 - place;
  std::reverse(places.begin(), places.end());
  EXPECT_EQ(places, tenth);
}

TEST(KeyNumbers, AreThoseOfTheOrderedGroupsInAnotherOrder) {
  const Column key = sample::categories({"b", "a", "b", std::nullopt, "a"});
  EXPECT_EQ(numberKeys(std::span(&key, 1), 5).group_of_row, (Rows{0, 1, 0, 2, 1}));
  EXPECT_EQ(numberKeys(std::span(&key, 1), 5).first_rows, (Rows{0, 1, 3}));
  EXPECT_EQ(groupByKeys(std::span(&key, 1), 5).group_of_row, (Rows{1, 0, 1, 2, 0}));
  EXPECT_EQ(groupByKeys(std::span(&key, 1), 5).first_rows, (Rows{1, 0, 3}));
}

TEST(Append, WidensAndJoinsLevels) {
  const Column wide = append(sample::ints({1, std::nullopt}), sample::floats({0.5}));
  EXPECT_EQ(wide.type.kind, ir::Kind::Float);
  EXPECT_EQ(texts(wide), "1 null 0.5");
  const Column open = append(sample::categories({"b", "a"}), sample::categories({"c", std::nullopt, "a"}));
  EXPECT_EQ(*open.levels, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(contentId(open), contentId(sample::categories({"b", "a", "c", std::nullopt, "a"})));
  Column none;
  none.type.kind = ir::Kind::Null;
  none.rows = 2;
  EXPECT_EQ(contentId(append(none, sample::bools({1}))), contentId(sample::bools({std::nullopt, std::nullopt, 1})));
  const Column empty = append(sample::categories({}), sample::categories({"x"}));
  EXPECT_EQ(texts(empty), texts(sample::categories({"x"})));
}

}  // namespace
}  // namespace cd4ml::data
