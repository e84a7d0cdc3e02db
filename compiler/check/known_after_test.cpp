#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/ir/text.h"

namespace cd4ml::check {
namespace {

const char* const sources = R"(pipeline p
source sales = csv("sales.csv") { at: timestamp @time  due: timestamp  shop: category  n: int }
source days = csv("days.csv") { day: date @time  shop: category  n: int }
source late = csv("late.csv") { at: timestamp @time  known: timestamp @available  shop: category  n: int }
source looks = csv("looks.csv") { at: timestamp @time  shop: category }
source bare = csv("bare.csv") { at: timestamp  shop: category  n: int }
)";

std::string pipelineText(const std::string& text) {
  const Program program(sources + text);
  EXPECT_FALSE(program.diagnostics.hasErrors()) << text << program.said();
  return ir::printPipeline(program.checked.pipeline);
}

/// What an as-of join to table `g` says of when its rows are known.
std::string knownOf(const std::string& table) {
  const std::string text = pipelineText(table + "\ntable out from looks { asof g on shop as g }");
  const std::size_t begin = text.find("available ", text.find("asof #")) + 10;
  return text.substr(begin, text.find(" within", begin) - begin);
}

std::string grouped(const std::string& from, const std::string& key, const std::string& time = "p") {
  return "table g from " + from + " { group by shop, p = " + key + " { last = max(at)  s = sum(n) }  derive t = " + time + " @time }";
}

TEST(KnownAfter, APeriodIsKnownAtItsEnd) {
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)")), "after 86400000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "date(at)")), "after 86400000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1y)")), "after 0 12");
  EXPECT_EQ(knownOf(grouped("sales", "at", "date(p)")), "after 86400000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)", "date(last)")), "after 86400000000 0");
  EXPECT_EQ(knownOf(grouped("bare", "trunc(at, 1d)")), "after 86400000000 0");
}

TEST(KnownAfter, APeriodOfPeriodsEndsWhereItsOwnEnds) {
  EXPECT_EQ(knownOf(grouped("sales", "trunc(trunc(at, 1h), 1d)")), "after 86400000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "date(trunc(at, 7d))")), "after 604800000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(date(at), 1mo)")), "after 0 1");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(trunc(at, 1mo), 1y)")), "after 0 12");
  // A week goes into the month in which it begins and ends in the next.
  EXPECT_EQ(knownOf(grouped("sales", "trunc(trunc(at, 7d), 1mo)")), "after 604800000000 1");
  EXPECT_EQ(knownOf("table h from sales { group by shop, p = trunc(at, 1h) { s = sum(n) }  derive t = p @time }\n"
                    "table g from h { group by shop, d = trunc(t, 1d) { s = sum(s) }  derive day = d @time }"),
            "after 86400000000 0");
}

TEST(KnownAfter, WhatIsAtOrAfterTheLatestIsKnownThen) {
  EXPECT_EQ(knownOf(grouped("sales", "at")), "none");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)", "last")), "none");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)", "p + 1d")), "none");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)", "max(timestamp(p), last)")), "none");
  EXPECT_EQ(knownOf("table g from days { group by shop, day { s = sum(n) } }"), "none");
  EXPECT_EQ(knownOf("table g from days { group by shop, d = date(day) { s = sum(n) }  derive t = d @time }"), "none");
  EXPECT_EQ(knownOf("table g from sales { rename at as when_ }"), "none");
}

TEST(KnownAfter, AShiftCounts) {
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1d)", "p + 6h")), "after 64800000000 0");
  EXPECT_EQ(knownOf(grouped("sales", "trunc(at, 1mo)", "p - 1d")), "after 86400000000 1");
}

TEST(KnownAfter, AColumnOfOnesOwnIsBelieved) {
  const std::string text = "table g from late { group by shop { first = min(at)  last = max(known)  s = sum(n) }  derive t = first @time  derive since = last @available }";
  EXPECT_EQ(knownOf(text), "5");
}

TEST(KnownAfter, RowsOfNoGroupAreBelievedWhereNothingSaysOtherwise) {
  EXPECT_EQ(knownOf("table g from sales { derive at = date(at) @time }"), "after 86400000000 0");
  EXPECT_EQ(knownOf("table h from sales { derive day = date(at)  select shop, n, day }\ntable g from h { derive t = day @time }"), "after 86400000000 0");
  EXPECT_EQ(knownOf("table g from sales { derive t = due @time  drop at }"), "none");
  EXPECT_EQ(knownOf("table g from bare { derive t = date(at) @time }"), "none");
}

TEST(KnownAfter, OtherTimesOfGroupsAreErrors) {
  const auto said = [](const std::string& table) { return Program(sources + table).said().substr(0, 6); };
  EXPECT_EQ(said("table g from sales { group by shop { first = min(at) }  derive t = first @time }"), "CD3306");
  EXPECT_EQ(said("table g from sales { group by shop, due { s = sum(n) }  derive t = due @time }"), "CD3306");
  EXPECT_EQ(said("table g from late { group by shop, p = date(at) { s = sum(n) }  derive t = p @time }"), "CD3306");
  EXPECT_EQ(said("table g from sales { group by shop { last = max(at, where: n > 0) }  filter last is not null  derive t = last @time }"), "CD3306");
}

TEST(KnownAfter, WindowsKnowItToo) {
  const std::string days = grouped("sales", "date(at)") + "\n";
  EXPECT_NE(pipelineText(days + "table o from sales { derive w = sum(g.s) over (by shop, last 7d) }").find("available after 86400000000 0 row"), std::string::npos);
  EXPECT_NE(pipelineText(days + "table o from g { derive w = lag(s) over (by shop) }").find("available after 86400000000 0 row"), std::string::npos);
  EXPECT_EQ(pipelineText("table o from sales { derive w = sum(n) over (by shop, last 7d) }").find("available after"), std::string::npos);
}

TEST(KnownAfter, TheTextFormReadsBack) {
  const std::string text = pipelineText(grouped("sales", "trunc(trunc(at, 7d), 1mo)") + "\ntable o from sales { asof g on shop as g  derive w = sum(g.s) over (by shop, last 7d) }");
  const auto again = ir::parsePipeline(text);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(ir::printPipeline(*again), text);
}

/// What a plain join brings may feed a feature.
bool mayFeed(const std::string& tables, const std::string& from) {
  const Program program(sources + tables + "\nfeatures f from " + from + " { target t_ > 0  x = got ?? 0 }\nmodel m = gbdt(f)");
  const bool later = program.said().find("CD3305") != std::string::npos;
  EXPECT_EQ(program.diagnostics.hasErrors(), later) << program.said();
  return !later;
}

TEST(KnownAfter, APlainJoinTakesWhatIsKnownTogether) {
  const std::string right = "table r from sales { group by shop, day = date(at) { got = sum(n) }  derive t = day @time }\n";
  const std::string days = right + "table l from sales { group by shop, day = date(at) { t_ = count() }  derive t = day @time }\n";
  EXPECT_TRUE(mayFeed(days + "table j from l { join r on shop, day as o  rename o_got as got }", "j"));
  EXPECT_FALSE(mayFeed(right + "table j from sales { derive day = date(at)  derive t_ = n  join r on shop, day as o  rename o_got as got }", "j"));
  EXPECT_FALSE(mayFeed(days + "table j from l { derive tomorrow = date(day + 1d)  join r on shop, tomorrow == day as o  rename o_got as got }", "j"));
  const std::string weeks = "table r from sales { group by shop, week = date(trunc(at, 7d)) { got = sum(n) }  derive t = week @time }\n"
                            "table l from sales { group by shop, day = date(at) { t_ = count() }  derive t = day @time }\n";
  EXPECT_FALSE(mayFeed(weeks + "table j from l { derive week = date(trunc(day, 7d))  join r on shop, week as o  rename o_got as got }", "j"));
}

}  // namespace
}  // namespace cd4ml::check
