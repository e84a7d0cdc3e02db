#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

const char* const sources = R"(pipeline p
source sales = csv("sales.csv") {
  at:    timestamp @time
  shop:  category @key
  price: float<eur>
  paid:  float<eur>?  @pii
}
source shops = csv("shops.csv") {
  name:   category
  opened: date @time
  owner:  category @pii
  price:  float<eur>
}
)";

/// The printed node of a table of a program over `sources`.
std::string printed(const std::string& text, const std::string& name = "t") {
  const Program program(sources + text);
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const std::string all = ir::printPipeline(program.checked.pipeline);
  const std::size_t begin = all.find(" table " + name + "\n");
  if (begin == std::string::npos) return all;
  return all.substr(begin + 1, all.find("\n\n", begin) - begin);
}

std::string said(const std::string& text) { return Program(sources + text).said(); }

TEST(Table, SelectDropAndRenameOnlyChooseOutputs) {
  EXPECT_EQ(printed("table t from sales { select price, shop, at  rename price as cost  drop at }"), R"(table t
  column cost : float<eur>
  column shop : category @key
  from #0
  variables 4
  outputs [2, 1]
)");
}

TEST(Table, FilterNarrowsFromThereOn) {
  EXPECT_EQ(printed("table t from sales { filter paid is not null  select paid }"), R"(table t
  column paid : float<eur> @pii
  from #0
  variables 4
  %0 : float<eur>? = input 3
  %1 : bool = call is_not_null_f(%0)
  filter %1
  outputs [3]
)");
}

TEST(Table, DeriveMayReplaceInPlace) {
  EXPECT_EQ(printed("table t from sales { derive price = price * 2.0  select price, at }"), R"(table t
  column price : float<eur>
  column at : timestamp @time
  from #0
  variables 5
  %0 : float<eur> = input 2
  %1 : float = constant 2.0
  %2 : float<eur> = call mul_ff(%0, %1)
  derive $4 = %2
  outputs [4, 0]
)");
}

TEST(Table, LookUpJoinBringsNullableColumnsWithoutKeysAndRoles) {
  EXPECT_EQ(printed("table t from sales { join shops on shop == name as s  select shop, s_opened, s_owner, s_price }"), R"(table t
  column shop : category @key
  column s_opened : date?
  column s_owner : category? @pii
  column s_price : float<eur>?
  from #0
  variables 7
  join lookup #1 left [1] right [0] columns [1, 2, 3] results [4, 5, 6]
  outputs [1, 4, 5, 6]
)");
}

TEST(Table, InnerJoinKeepsTypes) {
  const std::string text = printed("table t from sales { join inner shops on shop == name as s  select s_owner }");
  EXPECT_NE(text.find("column s_owner : category @pii\n"), std::string::npos) << text;
  EXPECT_NE(text.find("join inner #1"), std::string::npos) << text;
}

TEST(Table, GroupByMakesRowsOfKeysAndAggregates) {
  const std::string text = printed("table t from sales { group by shop, hour = hour(at) { n = count()  total = sum(price) } }");
  EXPECT_NE(text.find("column shop : category @key\n  column hour : int\n  column n : int\n  column total : float<eur>\n"), std::string::npos) << text;
  EXPECT_NE(text.find("group [$4 = %0, $5 = %2] [$6 = "), std::string::npos) << text;
  EXPECT_NE(text.find("outputs [4, 5, 6, 7]"), std::string::npos) << text;
}

TEST(Table, RequireFoldsAllRows) {
  const std::string text = printed("table t from sales { require count() >= 10  warn max(price) < 100eur }");
  EXPECT_NE(text.find("\"count() >= 10\""), std::string::npos) << text;
  EXPECT_NE(text.find("  warn %"), std::string::npos) << text;
}

TEST(Table, MistakesDoNotCascade) {
  EXPECT_EQ(said("table t from salse { filter price > 0  select a, b }\ntable u from t { filter a > 1 }"), "CD1001 14:14 there is no source or table `salse`\n");
  EXPECT_EQ(said("table t from sales { derive x = prize * 2.0  derive y = x + 1.0  select x, y }"), "CD2004 14:33 `t` has no column `prize`\n");
  EXPECT_EQ(said("table t from sales { select price, shoop  rename shoop as s  drop s }"), "CD2004 14:36 there is no column `shoop` in `t`\n");
}

TEST(Table, SeveralMistakesAreAllSaid) {
  EXPECT_EQ(said("table t from sales { filter prize > 0eur  drop shoop  rename price as shop  join shops on shop == nam }"),
            "CD2004 14:29 `t` has no column `prize`\n"
            "CD2004 14:48 there is no column `shoop` in `t`\n"
            "CD1019 14:71 `t` has a column `shop` already\n"
            "CD1019 14:77 the join brings a column `price` that is there already\n"
            "CD2004 14:99 there is no column `nam` in `shops`\n");
}

TEST(Leak, FiltersMakeNoLabelButLabelFiltersLeak) {
  const std::string group = "group by shop { n = count()  total = sum(price)  first = min(at) } }\nsplit f by random { train rest  test 20% }\n";
  // The filter reads `price`; counting is no reading of a label.
  EXPECT_EQ(said("table t from sales { filter price > 0eur " + group + "features f from t { target n  first_day = day_of_year(first) }\nmodel m = gbdt(f)\nevaluate q of m on test { rmse }").find("CD3301"),
            std::string::npos);
  // The target sums `price`; a count of rows chosen by `price` knows it.
  EXPECT_NE(said("table t from sales { filter price > 0eur " + group + "features f from t { target total  n = n }").find("CD3301"), std::string::npos);
}

TEST(Leak, KnownColumnsAreNoLabel) {
  const std::string features = "features f from sales { target price * 2.0";
  EXPECT_NE(said(features + "  price = price }").find("CD3301"), std::string::npos);
  EXPECT_EQ(said(features + " known price  price = price }").find("CD3301"), std::string::npos);
  EXPECT_NE(said(features + " known prize  shop = shop }").find("CD2004"), std::string::npos);
}

const ir::Split& splitOf(const Program& program) {
  for (const ir::Node& node : program.checked.pipeline.nodes) {
    if (const auto* split = std::get_if<ir::Split>(&node.body)) return *split;
  }
  throw std::runtime_error("no split");
}

Program splitProgram(const std::string& fields, const std::string& verbs) {
  return Program("pipeline p\nsource s = csv(\"s.csv\") {" + fields + "}\ntable t from s {" + verbs +
                 "}\nfeatures f from t { target y  x = x }\nsplit f by random(seed: 7) { train rest  test 20% }\n");
}

TEST(Split, IdColumnsFollowTheRowIdRule) {
  EXPECT_EQ(splitOf(splitProgram("x: float  y: bool  a: text", "derive z = x * 2.0")).id_columns, (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(splitOf(splitProgram("x: float  y: bool  a: text @key  t: date @time", "derive z = x * 2.0")).id_columns, (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(splitOf(splitProgram("x: float  y: bool  a: text @key  t: date @time  i: int @id", "")).id_columns, (std::vector<std::uint32_t>{4}));
  EXPECT_EQ(splitOf(splitProgram("x: float  y: bool  a: text", "group by y, a { x = mean(x) }  filter x is not null  derive b = x * x")).id_columns,
            (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(splitOf(splitProgram("x: float  y: bool", "")).seed, 7);
}

}  // namespace
}  // namespace cd4ml::check
