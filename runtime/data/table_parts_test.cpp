#include <gtest/gtest.h>

#include <cmath>

#include "runtime/data/aggregate.h"
#include "runtime/data/key_index.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/data/value_text.h"

namespace cd4ml::data {
namespace {

using namespace sample;

std::string all(const Column& column) {
  std::string text;
  for (std::int64_t r = 0; r < column.rows; ++r) text += (r == 0 ? "" : " ") + valueText(column, r);
  return text;
}

std::string fold(const std::string& name, const Column& argument, ir::Kind result, double share = 0.5) {
  const std::vector<std::int32_t> groups = {0, 1, 0, 1, 0};
  AggregateRequest request{.name = name, .argument = &argument, .share = share};
  request.result.kind = result;
  const auto out = aggregate(request, groupRows(groups, 3));
  return out.ok() ? all(*out) : out.error().code + " " + out.error().message;
}

TEST(Aggregate, Floats) {
  const Column x = floats({1, 10, std::nullopt, 30, 4});
  EXPECT_EQ(fold("sum", x, ir::Kind::Float), "5 40 null");
  EXPECT_EQ(fold("mean", x, ir::Kind::Float), "2.5 20 null");
  EXPECT_EQ(fold("min", x, ir::Kind::Float), "1 10 null");
  EXPECT_EQ(fold("max", x, ir::Kind::Float), "4 30 null");
  EXPECT_EQ(fold("var", x, ir::Kind::Float), "4.5 200 null");
  EXPECT_EQ(fold("std", floats({1, 10, 1, std::nullopt, 1}), ir::Kind::Float), "0 null null");
  EXPECT_EQ(fold("median", x, ir::Kind::Float), "2.5 20 null");
  EXPECT_EQ(fold("quantile", x, ir::Kind::Float, 0.25), "1.75 15 null");
  EXPECT_EQ(fold("sum", floats({1, 10, std::nan(""), 30, 4}), ir::Kind::Float), "NaN 40 null");
  EXPECT_EQ(fold("max", floats({1, 10, std::nan(""), 30, 4}), ir::Kind::Float), "NaN 30 null");
}

TEST(Aggregate, CountsAndInts) {
  const Column n = ints({5, 1, 5, std::nullopt, 7});
  EXPECT_EQ(fold("count", n, ir::Kind::Int), "3 1 0");
  EXPECT_EQ(fold("n_unique", n, ir::Kind::Int), "2 1 0");
  EXPECT_EQ(fold("sum", n, ir::Kind::Int), "17 1 null");
  EXPECT_EQ(fold("mode", n, ir::Kind::Int), "5 1 null");
  EXPECT_EQ(fold("max", n, ir::Kind::Int), "7 1 null");
  EXPECT_EQ(fold("mode", categories({"b", "a", "c", "a", "c"}), ir::Kind::Category), "\"c\" \"a\" null");
  EXPECT_EQ(fold("sum", ints({INT64_MAX, 1, 1, 1, 1}), ir::Kind::Int), "CD5016 the sum does not fit into an int");
  EXPECT_EQ(fold("mode", floats({1, 2, 3, 4, 5}), ir::Kind::Float), "CD5021 `mode` of a float is not supported yet");
  AggregateRequest rows{.name = "count"};
  rows.result.kind = ir::Kind::Int;
  EXPECT_EQ(all(*aggregate(rows, oneGroup(4))), "4");
}

TEST(GroupByKeys, GroupsAreSortedNullLast) {
  const std::vector<Column> keys = {categories({"b", std::nullopt, "a", "b", std::nullopt}), ints({1, 2, 3, 1, 2})};
  const RowGroups groups = groupByKeys(keys, 5);
  EXPECT_EQ(groups.group_of_row, (std::vector<std::int32_t>{1, 2, 0, 1, 2}));
  EXPECT_EQ(all(take(keys[0], groups.first_rows)), "\"a\" \"b\" null");
  const std::vector<Column> numbers = {floats({0.0, std::nan(""), -0.0, -1})};
  EXPECT_EQ(groupByKeys(numbers, 4).group_of_row, (std::vector<std::int32_t>{1, 2, 1, 0}));
  const std::vector<Column> closed = {closedCategories({"a", "b"}, {"b", "a"})};
  EXPECT_EQ(groupByKeys(closed, 2).group_of_row, (std::vector<std::int32_t>{1, 0}));
}

TEST(KeyMatches, FindsAllAndNullsNothing) {
  const std::vector<Column> left = {categories({"x", std::nullopt, "z", "y"})};
  const std::vector<Column> right = {categories({"y", "x", std::nullopt, "y"})};
  const KeyMatches matches(viewsOf(left), 4, viewsOf(right), 4);
  const auto rows = [&](std::int64_t r) {
    const auto found = matches.rows(r);
    return std::vector<std::int32_t>(found.begin(), found.end());
  };
  EXPECT_EQ(rows(0), (std::vector<std::int32_t>{1}));
  EXPECT_TRUE(rows(1).empty());
  EXPECT_TRUE(rows(2).empty());
  EXPECT_EQ(rows(3), (std::vector<std::int32_t>{0, 3}));
  EXPECT_EQ(keyText(right, std::vector<std::string>{"code"}, 0), "code = \"y\"");
}

}  // namespace
}  // namespace cd4ml::data
