/// Functions, `match`, schemas, units by conversion: what programs mean, and what is said about wrong ones.
#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

/// A program whose table `t` derives `x`, and what declarations stand beside it.
std::string program(const std::string& declarations, const std::string& verbs) {
  return "pipeline p\nunit mi = 1.609344km\nschema Row { at: timestamp @time  d: float<mi>  n: int?  kind: category{\"a\", \"b\"}  s: category }\n"
         "source rows = csv(\"r.csv\"): Row\n" +
         declarations + "\ntable t from rows { " + verbs + " }\ntable last from rows { select at }\nfeatures out from last { y = hour(at) }\n";
}

/// The type of the last column of `t`, or the errors.
std::string typeOf(const std::string& declarations, const std::string& verbs) {
  const Program checked(program(declarations, verbs));
  if (checked.diagnostics.hasErrors()) return checked.said();
  return ir::typeText(checked.checked.pipeline[checked.checked.pipeline.find("t")].columns.back().type);
}

TEST(Fn, TakesTheUnitOfItsArgument) {
  const std::string fn = "fn twice(x: float<u>, times: float) -> float<u> = x * times";
  EXPECT_EQ(typeOf(fn, "derive x = twice(d, 2)"), "float<mi>");
  EXPECT_EQ(typeOf(fn, "derive x = d.twice(times: 3)"), "float<mi>");
  EXPECT_EQ(typeOf(fn, "derive x = twice(2.0, 3)"), "float");
  EXPECT_EQ(typeOf("fn per(a: float<u>, b: float<v>) -> float<u/v> = a / b", "derive x = per(d, 3h / 1h)"), "float<mi>");
}

TEST(Fn, MeansWhatItMeansWhereItIsCalled) {
  const std::string fn = "fn spread(x: float) -> float? = max(x) - min(x)";
  EXPECT_EQ(typeOf(fn, "group by kind { w = spread(d / 1mi) }"), "float");
  EXPECT_EQ(typeOf("fn a(x: float) -> float = b(x) + b(x)\nfn b(x: float) -> float = x * x", "derive x = a(a(d / 1mi))"), "float");
}

TEST(Fn, NestedCallsCostNoMoreThanTheirText) {
  std::string call = "d / 1mi";
  for (int i = 0; i < 60; ++i) call = "sq(" + call + ")";
  EXPECT_EQ(typeOf("fn sq(x: float) -> float = x * x", "derive x = " + call), "float");
}

TEST(Fn, ChainsThatExplodeAreRefused) {
  std::string fns = "fn f0(x: float) -> float = x + x\n";
  for (int i = 1; i < 40; ++i) fns += fmt::format("fn f{}(x: float) -> float = f{}(x) * f{}(x)\n", i, i - 1, i - 1);
  EXPECT_NE(typeOf(fns, "derive x = f39(d / 1mi)").find("CD0014"), std::string::npos);
}

TEST(Fn, WrongCallsAndBodies) {
  const std::string fn = "fn twice(x: float) -> float = x * 2";
  EXPECT_EQ(typeOf(fn, "derive x = twice(kind)"), "CD2001 6:38 `float` is wanted here, this is `category{\"a\", \"b\"}`\n");
  EXPECT_EQ(typeOf(fn, "derive x = twice(d)"), "CD2002 6:38 `float` is wanted here, this is `float<mi>`\n");
  EXPECT_EQ(typeOf(fn, "derive x = twice(1.0, 2.0)"), "CD2014 6:32 `twice` takes 1 argument, here are 2\n");
  EXPECT_EQ(typeOf("fn f(x: float) -> bool = x", "derive x = f(1.0)"), "CD2001 6:34 `bool` is wanted here, this is `float`\n");
  EXPECT_EQ(typeOf("fn f(x: float) -> float = x + d", "derive x = f(1.0)"), "CD1001 5:31 `d` is neither a parameter of `f` nor a param\n");
  EXPECT_EQ(typeOf("fn a(x: float) -> float = b(x)\nfn b(x: float) -> float = a(x)", "derive x = a(1.0)"),
            "CD1004 5:4 a fn cannot call itself: `a` → `b` → `a`\n");
}

TEST(Match, TypesWidenAndNullNarrows) {
  EXPECT_EQ(typeOf("", "derive x = match kind { \"a\" => 1, \"b\" => 2.5 }"), "float");
  EXPECT_EQ(typeOf("", "derive x = match n { null => 0, 1..5 | 7 => n + 1, else => n }"), "int");
  EXPECT_EQ(typeOf("", "derive x = match n { 1..5 => n, else => 0 }"), "int?");
  EXPECT_EQ(typeOf("fn word(h: int) -> category{\"day\", \"night\"} = match h { 6..17 => \"day\", else => \"night\" }", "derive x = word(hour(at))"),
            "category{\"day\", \"night\"}");
}

TEST(Unit, ConvertsEitherWay) {
  EXPECT_EQ(typeOf("", "derive x = to(d, km)"), "float<km>");
  EXPECT_EQ(typeOf("unit knot = 1.852km/h", "derive x = to(d, km)").substr(0, 6), "CD2042");
  EXPECT_EQ(typeOf("unit yd = 0.9144m", "derive x = to(d, yd)"), "CD2007 6:32 there is no known ratio between `float<mi>` and `yd`\n");
  EXPECT_EQ(typeOf("unit m = 0.001km\nunit yd = 0.9144m", "derive x = to(d, yd)"), "float<yd>");
}

}  // namespace
}  // namespace cd4ml::check
