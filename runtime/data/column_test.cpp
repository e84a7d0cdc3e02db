#include <gtest/gtest.h>

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

TEST(Column, BuffersAreAlignedAndPadded) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65}, std::size_t{3} << 20}) {
    const auto buffer = allocateBuffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.get()) % 64, 0U);
    buffer.get()[(size + 63) / 64 * 64 - (size == 0 ? 0 : 1)] = 7;
  }
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(allocateBuffer(std::size_t{3} << 20).get()) % (std::size_t{2} << 20), 0U);
}

TEST(Column, DictionariesAreCanonical) {
  const Column column = categories({"b", "a", std::nullopt, "b"}, {"unused", "b", "b2", "a"});
  EXPECT_EQ(*column.levels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(all(column), "\"b\" \"a\" null \"b\"");
  const Column closed = closedCategories({"a"}, {"c", "a"});
  EXPECT_EQ(*closed.levels, (std::vector<std::string>{"c", "a"}));
  EXPECT_EQ(categories({std::nullopt}).levels->size(), 0U);
}

TEST(Column, SlicesAndTakes) {
  const Column numbers = ints({1, std::nullopt, 3, 4, 5});
  EXPECT_EQ(all(slice(numbers, 1, 3)), "null 3 4");
  EXPECT_EQ(all(slice(numbers, 2, 3)), "3 4 5");
  EXPECT_EQ(slice(numbers, 2, 3).validity, nullptr);
  EXPECT_EQ(all(take(numbers, std::vector<std::int32_t>{4, -1, 1, 0})), "5 null null 1");
  const Column words = texts({"x", "", std::nullopt, "yz"});
  EXPECT_EQ(all(slice(words, 1, 3)), "\"\" null \"yz\"");
  EXPECT_EQ(all(take(words, std::vector<std::int32_t>{3, -1, 0})), "\"yz\" null \"x\"");
  const Column kinds = categories({"b", "a", "c"});
  EXPECT_EQ(all(take(kinds, std::vector<std::int32_t>{2, 0})), "\"c\" \"b\"");
  EXPECT_EQ(*take(kinds, std::vector<std::int32_t>{2, 0}).levels, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(*slice(kinds, 0, 1).levels, (std::vector<std::string>{"b"}));
}

TEST(Column, ValuesAsText) {
  EXPECT_EQ(floatText(0.1), "0.1");
  EXPECT_EQ(floatText(1e300), "1e+300");
  EXPECT_EQ(timestampText(979380000000000), "2001-01-13T10:00:00Z");
  EXPECT_EQ(timestampText(-1), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(dateText(-719468), "0000-03-01");
  EXPECT_EQ(durationText(900'000'000), "15min");
  EXPECT_EQ(durationText(-86'400'000'000), "-1d");
}

}  // namespace
}  // namespace cd4ml::data
