#include "compiler/check/unit_table.h"

#include <gtest/gtest.h>

namespace cd4ml::check {
namespace {

TEST(Units, HaveOneSpelling) {
  EXPECT_EQ(canonicalUnit("eur/kg"), "eur/kg");
  EXPECT_EQ(canonicalUnit("s*m/s^2"), "m/s");
  EXPECT_EQ(canonicalUnit("kg*eur"), "eur*kg");
  EXPECT_EQ(canonicalUnit("1/s"), "1/s");
  EXPECT_EQ(canonicalUnit("m/m"), "");
  for (const char* wrong : {"2", "/s", "m/", "m**", "m^99", "m+s"}) EXPECT_EQ(canonicalUnit(wrong), std::nullopt) << wrong;
}

TEST(Units, Combine) {
  EXPECT_EQ(multiplyUnits("eur/kg", "kg"), "eur");
  EXPECT_EQ(divideUnits("", "s"), "1/s");
  EXPECT_EQ(raiseUnit("m/s", 2), "m^2/s^2");
  EXPECT_EQ(raiseUnit("m", 0), "");
}

TEST(Units, RatiosAreInLowestTerms) {
  EXPECT_EQ(ratioBetween("min", "h")->numerator, 1);
  EXPECT_EQ(ratioBetween("min", "h")->denominator, 60);
  EXPECT_EQ(ratioBetween("GB", "kB")->numerator, 1'000'000);
  EXPECT_FALSE(ratioBetween("min", "kB").has_value());
  EXPECT_FALSE(ratioBetween("mi", "km").has_value());
  EXPECT_EQ(microsecondsOf("d"), 86'400'000'000);
}

}  // namespace
}  // namespace cd4ml::check
