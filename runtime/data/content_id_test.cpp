#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/data/sample_columns_test.h"

namespace cd4ml::data {
namespace {

using namespace sample;

Column vector2() {
  Column column;
  column.type.kind = ir::Kind::Vector;
  column.type.width = 2;
  column.rows = 3;
  column.stride = 8;
  auto values = allocateBuffer(16 * 8);
  for (int i = 0; i < 16; ++i) reinterpret_cast<double*>(values.get())[i] = i < 8 ? i : 10.0 * i;
  column.values = values;
  return finishColumn(std::move(column));
}

// The table of docs/design/nf1-columns.md; a change here breaks every cache that exists.
TEST(ContentId, Vectors) {
  EXPECT_EQ(contentId(ints({})).hex(), "f7730675cb061a1045b622258a09958249e5431e3dfc0a1f6ae87c9835219a98");
  EXPECT_EQ(contentId(ints({1, 2, -3})).hex(), "1f83be42c7c734073e7f5084bd2b6da1a5cb908a41bc8552fb7a2363ebfc02fa");
  EXPECT_EQ(contentId(ints({1, std::nullopt, -3})).hex(),
            "9869e2fd1676975c801069e9509a2e5a0044de61625877e9b94aa7697c984f8e");
  EXPECT_EQ(contentId(floats({0.5, -0.0, std::nan("")})).hex(),
            "8ff08ca882fd5385e07fab61f760a176f6e5d5ca2a734cbae7e71ace1cc11962");
  EXPECT_EQ(contentId(bools({1, 0, std::nullopt})).hex(),
            "bf018d1c55e1b902ca41b8485f79bf59e1ea6898a60565a5d25c5c770dd01f02");
  EXPECT_EQ(contentId(texts({"a", "", std::nullopt, "bc"})).hex(),
            "4e3de1c902733a342676124e37838b3aeec427837e63a808331c76936238c28b");
  EXPECT_EQ(contentId(categories({"b", "a", std::nullopt, "b"})).hex(),
            "0eb5092b7782568e779a046caa984c3e8875103e85bd9de71fbf4cae75fa0900");
  EXPECT_EQ(contentId(closedCategories({"b", "a"}, {"b", "a", "c"})).hex(),
            "61d1ca63c58f13b718d7b735fa51f54d1a45e11e0fa772fdf480ab30d7cf15c9");
  EXPECT_EQ(contentId(ints({11323}, ir::Kind::Date)).hex(),
            "350e2b791a513f7e79446bce1ce9a956cdcddf7aa133909efc3a4e791ef47461");
  EXPECT_EQ(contentId(vector2()).hex(), "05730a797e39a434c4e358a37bf50ad57cb2fb135e68ad770309bb22926f102e");
}

TEST(ContentId, HangsOnLogicalValuesAlone) {
  // Another dictionary, other bytes under the null, another NaN: the same column.
  EXPECT_EQ(contentId(categories({"b", "a", "b"})), contentId(categories({"b", "a", "b"}, {"z", "a", "unused", "b"})));
  Column null_one = ints({1, std::nullopt});
  auto other = allocateBuffer(16);
  const std::int64_t values[2] = {1, 99};
  std::memcpy(other.get(), values, 16);
  Column null_two = null_one;
  null_two.values = other;
  EXPECT_EQ(contentId(null_one), contentId(null_two));
  std::uint64_t bits = 0xfff8000000000123ULL;
  double odd_nan = 0;
  std::memcpy(&odd_nan, &bits, 8);
  EXPECT_EQ(contentId(floats({odd_nan})), contentId(floats({std::nan("")})));
  // A validity bitmap without a null is none; nullability and units are not content.
  Column all_there = ints({1, 2});
  all_there.validity = allocateValidity(2);
  all_there.type.nullable = true;
  all_there.type.unit = "mi";
  EXPECT_EQ(contentId(all_there), contentId(ints({1, 2})));
}

TEST(ContentId, TellsApart) {
  EXPECT_NE(contentId(floats({0.0})), contentId(floats({-0.0})));
  EXPECT_NE(contentId(ints({0})), contentId(ints({std::nullopt})));
  EXPECT_NE(contentId(ints({1})), contentId(ints({1}, ir::Kind::Date)));
  EXPECT_NE(contentId(texts({"ab", ""})), contentId(texts({"a", "b"})));
  EXPECT_NE(contentId(categories({"a"})), contentId(categories({"b"})));
  EXPECT_NE(contentId(categories({"a"})), contentId(closedCategories({"a"}, {"a"})));
  EXPECT_NE(contentId(texts({std::nullopt})), contentId(texts({""})));
}

TEST(ContentId, IsTheSameForEveryThreadCountAndSlice) {
  std::vector<std::optional<double>> values;
  for (int i = 0; i < 200'000; ++i) values.emplace_back(std::sin(i));
  const Column column = floats(values);
  EXPECT_EQ(contentId(column, 1), contentId(column, 3));
  const std::vector<std::optional<double>> tail(values.begin() + 1003, values.end());
  EXPECT_EQ(contentId(slice(column, 1003, 198'997)), contentId(floats(tail)));
}

}  // namespace
}  // namespace cd4ml::data
