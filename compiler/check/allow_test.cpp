#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

const std::string head = "pipeline p\nsource s = csv(\"s.csv\") { x: float }\n";

TEST(Allow, TakesAwayTheWarningsOfItsLine) {
  const std::string table = "table t from s { filter x > 0.0 }";
  EXPECT_EQ(Program(head + table + "\n").said(), "CD1006 3:7 nothing uses the table `t`\n");
  EXPECT_EQ(Program(head + table + "  # allow: unused-node because the report reads it\n").said(), "");
  EXPECT_EQ(Program(head + "# allow: unused-node\n# and so on\n\n" + table + "\n").said(), "");
  EXPECT_EQ(Program(head + "# allow: unused-param, unused-node because\nparam n: int = 1\n" + table + "  # allow: unused-node\n").said(),
            "CD0021 3:24 there is no warning `unused-node` here to allow\n");
}

TEST(Allow, ReportsThoseThatAllowNothing) {
  const std::string good = "param floor: float = 1.0  # allow: unused-node\ntable t from s { filter x > floor }  # allow: unused-node\n";
  EXPECT_EQ(Program(head + good).said(), "CD0021 3:36 there is no warning `unused-node` here to allow\n");
  EXPECT_EQ(Program(head + "table t from s { filter x > 0.0 }  # allow: unused-nod\n").said(),
            "CD1006 3:7 nothing uses the table `t`\nCD0021 3:45 no warning is called `unused-nod`\n");
  EXPECT_EQ(Program(head + "table t from s { filter x > 0.0 }  # allow: unused-node, unknown-name\n").said(),
            "CD0021 3:58 `unknown-name` is an error: only warnings can be allowed\n");
}

TEST(Allow, SaysNothingWhileThereAreErrors) {
  EXPECT_EQ(Program(head + "table t from s { filter y > 0.0 }  # allow: unused-node\n").said(), "CD2004 3:25 `t` has no column `y`\n");
}

TEST(Unused, FunctionsSchemasAndUnitsToo) {
  EXPECT_EQ(Program(head + "unit mi = 1.6km\nfn f(a: float) -> float = a\nschema r { x: float }\ntable t from s { filter x > 0.0 }  # allow: unused-node\n").said(),
            "CD1006 3:6 nothing uses the unit `mi`\nCD1006 4:4 nothing uses the fn `f`\nCD1006 5:8 nothing uses the schema `r`\n");
  EXPECT_EQ(Program("pipeline p\nunit mi = 1.6km\nfn f(a: float<mi>) -> float<mi> = a\nschema r { x: float<mi> }\nsource s = csv(\"s.csv\"): r\n"
                    "table t from s { filter f(x) > 0 }  # allow: unused-node\n").said(), "");
}

TEST(Holes, AreSaidWhereNothingFillsThem) {
  EXPECT_EQ(Program("pipeline p\nparam a: text = \"x\"\nsource s = csv(\"{a}.csv\") { y: text }\ntable t from s { filter y == \"{a}-{b}\" }  # allow: unused-node\n").said(),
            "CD2043 4:30 nothing fills the hole `{a}`: only texts in paths of readers have holes\n");
}

}  // namespace
}  // namespace cd4ml::check
