#include "runtime/report/svg.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cd4ml::report {
namespace {

TEST(Svg, AScaleKeepsToItsEnds) {
  const Scale y(0, 10, 100, 0);
  EXPECT_DOUBLE_EQ(y(0), 100);
  EXPECT_DOUBLE_EQ(y(2.5), 75);
  EXPECT_DOUBLE_EQ(y(99), 0);
  EXPECT_DOUBLE_EQ(y(-99), 100);
  EXPECT_DOUBLE_EQ(y(NAN), 100);
  EXPECT_DOUBLE_EQ(y(INFINITY), 0);
}

TEST(Svg, AScaleOfOneValueIsAScale) {
  const Scale x(3, 3, 0, 50);
  EXPECT_DOUBLE_EQ(x(3), 0);
  const Scale odd(NAN, INFINITY, 0, 50);
  EXPECT_TRUE(std::isfinite(odd(0.5)));
}

TEST(Svg, TicksAreRoundAndWithin) {
  EXPECT_EQ(ticks(0, 1, 5), (std::vector<double>{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}));
  const std::vector<double> odd = ticks(0.0379, 0.0912, 4);
  ASSERT_GE(odd.size(), 2U);
  EXPECT_GE(odd.front(), 0.0379);
  EXPECT_LE(odd.back(), 0.0912);
  EXPECT_TRUE(ticks(1, 1, 5).empty());
  EXPECT_TRUE(ticks(0, NAN, 5).empty());
  EXPECT_EQ(ticks(-10, 10, 4), (std::vector<double>{-10, -5, 0, 5, 10}));
}

TEST(Svg, CoordinatesAreShortAndNeverNan) {
  EXPECT_EQ(coordinate(12.345), "12.3");
  EXPECT_EQ(coordinate(12.0), "12");
  EXPECT_EQ(coordinate(-0.01), "0");
  EXPECT_EQ(coordinate(NAN), "0");
}

TEST(Svg, SaysWhatItShowsAndEscapesIt) {
  Svg svg(10, 20, "chart", "f1", "a < b", "\"quoted\"");
  svg.rectangle(0, 0, -5, 3, "bar");
  svg.text(1, 2, "tick", "<b>");
  const std::string text = svg.finish();
  EXPECT_NE(text.find("role=\"img\" aria-labelledby=\"f1-t f1-d\""), std::string::npos) << text;
  EXPECT_NE(text.find("<title id=\"f1-t\">a &lt; b</title><desc id=\"f1-d\">&quot;quoted&quot;</desc>"), std::string::npos) << text;
  EXPECT_NE(text.find("width=\"0\" height=\"3\"/>"), std::string::npos) << text;
  EXPECT_NE(text.find(">&lt;b&gt;</text></svg>"), std::string::npos) << text;
}

}  // namespace
}  // namespace cd4ml::report
