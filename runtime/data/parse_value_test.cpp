#include "runtime/data/parse_value.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cd4ml::data {
namespace {

TEST(ParseValue, Numbers) {
  EXPECT_EQ(parseInt(" -42 "), -42);
  EXPECT_EQ(parseInt("+7"), 7);
  EXPECT_EQ(parseInt("+-7"), std::nullopt);
  EXPECT_EQ(parseInt("+"), std::nullopt);
  EXPECT_EQ(parseInt("4.0"), std::nullopt);
  EXPECT_EQ(parseInt("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parseInt(""), std::nullopt);
  EXPECT_EQ(parseFloat("1e-3"), 0.001);
  EXPECT_EQ(parseFloat("+0.5"), 0.5);
  EXPECT_EQ(parseFloat("+inf"), INFINITY);
  EXPECT_EQ(parseFloat("3,5", ','), 3.5);
  EXPECT_EQ(parseFloat("3.5", ','), std::nullopt);
  EXPECT_TRUE(std::isnan(*parseFloat("NaN")));
  EXPECT_EQ(parseFloat("-inf"), -INFINITY);
  EXPECT_EQ(parseFloat("1e999"), INFINITY);
  EXPECT_EQ(parseFloat("1e-999"), 0.0);
  EXPECT_EQ(parseFloat("six"), std::nullopt);
  EXPECT_EQ(parseBool("True"), true);
  EXPECT_EQ(parseBool("yes"), std::nullopt);
}

TEST(ParseValue, Times) {
  EXPECT_EQ(parseDate("1970-01-02"), 1);
  EXPECT_EQ(parseDate("2024-02-29"), 19782);
  EXPECT_EQ(parseDate("2023-02-29"), std::nullopt);
  EXPECT_EQ(parseDate("2024-13-01"), std::nullopt);
  EXPECT_EQ(parseDate("2024-01-01 "), 19723);
  EXPECT_EQ(parseTimestamp("2001-01-13T10:00:00Z"), 979380000000000);
  EXPECT_EQ(parseTimestamp("2001-01-13 12:00+02:00"), 979380000000000);
  EXPECT_EQ(parseTimestamp("2001-01-13T10:00:00.000001"), 979380000000001);
  EXPECT_EQ(parseTimestamp("2001-01-13T10:00:00.0000001"), std::nullopt);
  EXPECT_EQ(parseTimestamp("2001-01-13T24:00:00"), std::nullopt);
  EXPECT_EQ(parseTimestamp("2001-01-13"), 979344000000000);
  EXPECT_EQ(parseDuration("15min"), 900'000'000);
  EXPECT_EQ(parseDuration("15"), std::nullopt);
}

TEST(ParseValue, CalendarGoesBothWays) {
  for (std::int64_t day = -800'000; day < 800'000; day += 37) {
    const CivilDay civil = civilFromDays(day);
    EXPECT_EQ(daysFromCivil(civil.year, civil.month, civil.day), day);
  }
}

}  // namespace
}  // namespace cd4ml::data
