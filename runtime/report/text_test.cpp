#include "runtime/report/text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cd4ml::report {
namespace {

TEST(Text, NothingReachesThePageUnescaped) {
  EXPECT_EQ(escape("<script>alert(\"x\") & 'y'</script>"), "&lt;script&gt;alert(&quot;x&quot;) &amp; &#39;y&#39;&lt;/script&gt;");
  EXPECT_EQ(escape("süß → ✓ 😀"), "süß → ✓ 😀");
}

TEST(Text, BackquotesAreCode) {
  EXPECT_EQ(prose("run `a < b` now"), "run <code>a &lt; b</code> now");
  EXPECT_EQ(prose("one ` alone <b>"), "one ` alone &lt;b&gt;");
  EXPECT_EQ(prose(""), "");
}

TEST(Text, WhatXmlCannotHoldIsReplaced) {
  EXPECT_EQ(escape(std::string_view("a\0b", 3)), "a\xEF\xBF\xBD" "b");
  EXPECT_EQ(escape("a\x1b[31m"), "a\xEF\xBF\xBD[31m");
  EXPECT_EQ(escape("caf\xE9 ok"), "caf\xEF\xBF\xBD ok");        // Latin-1
  EXPECT_EQ(escape("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");      // overlong
  EXPECT_EQ(escape("\xED\xA0\x80").find("\xED"), std::string::npos);  // a surrogate
  EXPECT_EQ(escape("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");      // ends early
  EXPECT_EQ(escape("\n\t"), "\n\t");
}

TEST(Text, NumbersHaveDigitsThatSaySomething) {
  EXPECT_EQ(number(0.636754), "0.6368");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(12.3456), "12.35");
  EXPECT_EQ(number(1.99999), "2");
  EXPECT_EQ(number(999.96), "1,000");
  EXPECT_EQ(number(728.06), "728.1");
  EXPECT_EQ(number(1234567.0), "1,234,567");
  EXPECT_EQ(number(-3.5), "−3.5");
  EXPECT_EQ(number(0.0), "0");
  EXPECT_EQ(number(2.0684e-6), "2.1e-06");
  EXPECT_EQ(number(std::nullopt), "–");
  EXPECT_EQ(number(NAN), "not a number");
  EXPECT_EQ(number(-INFINITY), "−∞");
  EXPECT_EQ(grouped(2100000), "2,100,000");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(chance(1e-20), "< 0.001");
  EXPECT_EQ(chance(0.0431), "0.043");
  EXPECT_EQ(percent(0.1717), "17.2\u00a0%");
}

TEST(Text, TimesSayThatTheyAreUtc) {
  EXPECT_EQ(utc("2024-06-01T10:15:00Z"), "2024-06-01 10:15:00 UTC");
  EXPECT_EQ(utc("yesterday"), "yesterday");
}

TEST(Text, ShortensBetweenCharacters) {
  EXPECT_EQ(shortened("abc", 3), "abc");
  EXPECT_EQ(shortened("abcd", 3), "ab…");
  EXPECT_EQ(shortened("äöüß", 3), "äö…");
  EXPECT_EQ(shortened("", 3), "");
}

}  // namespace
}  // namespace cd4ml::report
