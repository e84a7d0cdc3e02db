#include <gtest/gtest.h>

#include "compiler/check/expr_test.h"

namespace cd4ml::check {
namespace {

TEST(Expression, NumbersWiden) {
  EXPECT_EQ(Expression("i + 1").operations(), "add_ii");
  EXPECT_EQ(Expression("i + x").operations(), "i_to_f add_ff");
  EXPECT_EQ(Expression("i / 2").type(), "float");
  EXPECT_EQ(Expression("i // 2").type(), "int");
  EXPECT_EQ(Expression("j * 2").type(), "int?");
  EXPECT_EQ(Expression("-x ** 2").operations(), "pow_ff neg_f");
  EXPECT_EQ(Expression("x // 2").type(), "CD2001 `//` takes whole numbers, not `float`\n");
}

TEST(Expression, ConstantsFold) {
  EXPECT_EQ(Expression("7 // 2 - 7 % 4").constant(), "0");
  EXPECT_EQ(Expression("(0 - 7) // 2").constant(), "-4");
  EXPECT_EQ(Expression("(0 - 7) % 4").constant(), "1");
  EXPECT_EQ(Expression("2 ** 10").constant(), ir::literalText({1024.0}));
  EXPECT_EQ(Expression("size * 2").constant(), "6");
  EXPECT_EQ(Expression("1 + null_if(2, 2)").constant(), ir::literalText({}));
  EXPECT_EQ(Expression("exp(1.0)").constant(), "float");  // not correctly rounded everywhere: left to the kernel
  EXPECT_EQ(Expression("1 // 0").type(), "CD2018 this constant fails: integer division by zero\n");
  EXPECT_EQ(Expression("9223372036854775807 + 1").type(), "CD2018 this constant fails: integer overflow\n");
}

TEST(Expression, UnitsCombine) {
  EXPECT_EQ(Expression("price / kg").type(), "float<eur/kg>");
  EXPECT_EQ(Expression("cost * kg").type(), "float<eur>");
  EXPECT_EQ(Expression("far ** 2").type(), "float<mi^2>");
  EXPECT_EQ(Expression("far / 2mi").type(), "float");
  EXPECT_EQ(Expression("far > 0").type(), "bool");
  EXPECT_EQ(Expression("log1p(far)").type(), "float");
  EXPECT_EQ(Expression("min(far, 300mi)").type(), "float<mi>");
  EXPECT_EQ(Expression("far > 300").said().substr(0, 6), "CD2002");
  EXPECT_EQ(Expression("far + price").said().substr(0, 6), "CD2002");
  EXPECT_EQ(Expression("far > 300km2").said(), "CD2006 there is no unit `km2`\n");
  EXPECT_EQ(Expression("to(far, km)").said().substr(0, 6), "CD2007");
  EXPECT_EQ(Expression("to(wait, h)").operations(), "div_ff");
}

TEST(Expression, DurationsMeetTimes) {
  EXPECT_EQ(Expression("wait > 15min").constant(), "bool?");
  EXPECT_EQ(Expression("wait > 15min").operations(), "gt_ff");  // the duration is a constant in minutes
  EXPECT_EQ(Expression("wait + late").type(), "float<min>?");
  EXPECT_EQ(Expression("at - day").operations(), "date_to_timestamp_i sub_ii");
  EXPECT_EQ(Expression("at - day").type(), "duration");
  EXPECT_EQ(Expression("at + 1d").type(), "timestamp");
  EXPECT_EQ(Expression("at + wait").type(), "timestamp?");
  EXPECT_EQ(Expression("day + 1d").type(), "timestamp");
  EXPECT_EQ(Expression("u / 1h").type(), "float");
  EXPECT_EQ(Expression("u // 1h").type(), "int");
  EXPECT_EQ(Expression("u * 1.5").type(), "duration");
  EXPECT_EQ(Expression("90min / 1h").constant(), "1.5");
  EXPECT_EQ(Expression("duration(wait)").type(), "duration?");
  EXPECT_EQ(Expression("at + 1mo").said().substr(0, 6), "CD2028");
  EXPECT_EQ(Expression("at + 1").said().substr(0, 6), "CD2001");
}

TEST(Expression, NullsAreFollowed) {
  EXPECT_EQ(Expression("y ?? 0").type(), "float");
  EXPECT_EQ(Expression("y ?? j ?? 1").type(), "float");
  EXPECT_EQ(Expression("y > 1").type(), "bool?");
  EXPECT_EQ(Expression("y is null").type(), "bool");
  EXPECT_EQ(Expression("x is null").constant(), "false");
  EXPECT_EQ(Expression("n and b").operations(), "and_bb");
  EXPECT_EQ(Expression("if y is not null then y + 1 else 0").type(), "float");
  EXPECT_EQ(Expression("if y is not null and b then y else x").type(), "float");
  EXPECT_EQ(Expression("if y is null then 0 else y").type(), "float");
  EXPECT_EQ(Expression("if not (y is null) then y else 0").type(), "float");
  EXPECT_EQ(Expression("if y is null or b then 0 else y").type(), "float");
  EXPECT_EQ(Expression("if b then y else 0").type(), "float?");
  EXPECT_EQ(Expression("if y is not null or b then y else 0").type(), "float?");
  EXPECT_EQ(Expression("y is not null and y > 1").type(), "bool");
}

TEST(Expression, NullConditionHasAFix) {
  const Expression e("if y > 1 then 1 else 2");
  EXPECT_EQ(e.said(), "CD2012 the condition of `if` may be null\n");
  ASSERT_EQ(e.diagnostics().all()[0].fixes.size(), 1U);
  EXPECT_EQ(e.diagnostics().all()[0].fixes[0].edits[1].replacement, ") ?? false");
  EXPECT_EQ(Expression("if (y > 1) ?? false then 1 else 2").type(), "int");
  EXPECT_EQ(Expression("y == null").said(), "CD2011 `== null` is always null, never true\n");
}

TEST(Expression, Categories) {
  EXPECT_EQ(Expression("c == \"SFO\"").operations(), "eq_cc");
  EXPECT_EQ(Expression("k == \"sun\"").type(), "bool?");
  EXPECT_EQ(Expression("k == \"snow\"").said(), "CD2008 \"snow\" is none of the levels\n");
  EXPECT_EQ(Expression("k in {\"sun\", \"snow\"}").said(), "CD2008 \"snow\" is none of the levels\n");
  EXPECT_EQ(Expression("k ?? \"sun\"").type(), "category{\"sun\", \"rain\"}");
  EXPECT_EQ(Expression("concat(c, \"-\", k)").type(), "category?");
  EXPECT_EQ(Expression("c == t").said().substr(0, 6), "CD2001");
  EXPECT_EQ(Expression("c < \"a\"").said().substr(0, 6), "CD2001");
  EXPECT_EQ(Expression("c + \"a\"").said().substr(0, 6), "CD2001");
}

TEST(Expression, Membership) {
  EXPECT_EQ(Expression("i in {3, 1, 3}").operations(), "in_set_i");
  EXPECT_EQ(Expression("i in {1, 2.5}").operations(), "i_to_f in_set_f");
  EXPECT_EQ(Expression("i not in {1}").operations(), "in_set_i not_b");
  EXPECT_EQ(Expression("x in 0 .. 5").operations(), "ge_ff le_ff and_bb");
  EXPECT_EQ(Expression("x in {x, 1}").operations(), "eq_ff eq_ff or_bb");
  EXPECT_EQ(Expression("y in {null}").said(), "CD2027 null is in no set\n");
  EXPECT_EQ(Expression("far in {300mi, 0}").type(), "bool");
}

/// The order in which a set is written plays no part.
TEST(Expression, SetsAreCanonical) {
  const Expression one("c in {\"b\", \"a\"}");
  const Expression other("c in {\"a\", \"b\", \"a\"}");
  EXPECT_EQ(one.graph()[one.value().value].options, other.graph()[other.value().value].options);
}

TEST(Expression, MistakesDoNotCascade) {
  EXPECT_EQ(Expression("sqrt(nothing + 1) > 2 and b").said(), "CD2004 `s` has no column `nothing`\n");
  EXPECT_EQ(Expression("(a1 > 1) and (a2 > 1)").said(), "CD2004 `s` has no column `a1`\nCD2004 `s` has no column `a2`\n");
}

TEST(Expression, LongChains) {
  std::string sum = "i";
  for (int k = 0; k < 900; ++k) sum += " + 1";
  EXPECT_EQ(Expression(sum).type(), "int");
}

}  // namespace
}  // namespace cd4ml::check
