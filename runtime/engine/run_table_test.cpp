#include "runtime/engine/sample_pipeline_test.h"

namespace cd4ml::engine {
namespace {

using namespace sample;
using ir::Kind;

/// sales(shop, day, amount?)
ir::NodeId addSales(Project& project) {
  return project.addSource("sales",
                           {column("shop", typeOf(Kind::Category, true)), column("day", typeOf(Kind::Int)),
                            column("amount", typeOf(Kind::Float, true))},
                           "shop,day,amount\nb,1,10\na,2,\n,3,5\nb,4,2.5\na,5,7\n");
}

ir::Table tableFrom(ir::NodeId from, std::uint32_t variables) {
  ir::Table table;
  table.from = from;
  table.variables = variables;
  return table;
}

TEST(RunTable, FilterKeepsOnlyTrueAndDeriveAddsAColumn) {
  Project project;
  const ir::NodeId sales = addSales(project);
  ir::Table table = tableFrom(sales, 4);
  Values v(table.graph);
  const auto amount = v.input(2, typeOf(Kind::Float, true));
  const auto big = v.call("gt_ff", typeOf(Kind::Bool, true), {amount, v.constant({2.5}, Kind::Float)});
  const auto twice = v.call("mul_ff", typeOf(Kind::Float), {amount, v.constant({2.0}, Kind::Float)});
  table.ops = {ir::FilterOp{big}, ir::DeriveOp{3, twice}};
  table.outputs = {0, 3, 1};
  const ir::NodeId id = project.add("big",
                                    {column("shop", typeOf(Kind::Category, true)), column("twice", typeOf(Kind::Float)),
                                     column("day", typeOf(Kind::Int))},
                                    table);
  EXPECT_EQ(project.text(id, {0, 1, 2}), "\"b\" null \"a\"; 20 10 14; 1 3 5");
}

TEST(RunTable, GroupByGivesARowAKeyNullLast) {
  Project project;
  const ir::NodeId sales = addSales(project);
  ir::Table table = tableFrom(sales, 6);
  Values v(table.graph);
  const auto shop = v.input(0, typeOf(Kind::Category, true));
  const auto amount = v.input(2, typeOf(Kind::Float, true));
  const auto total = v.aggregate("sum", typeOf(Kind::Float, true), {amount});
  const auto rows = v.aggregate("count", typeOf(Kind::Int), {});
  const auto mean = v.call("div_ff", typeOf(Kind::Float, true), {total, v.call("i_to_f", typeOf(Kind::Float), {rows})});
  table.ops = {ir::GroupOp{{shop}, {3}, {total, mean}, {4, 5}, {}}};
  table.outputs = {3, 4, 5};
  const ir::NodeId id =
      project.add("by_shop",
                  {column("shop", typeOf(Kind::Category, true)), column("total", typeOf(Kind::Float, true)),
                   column("mean", typeOf(Kind::Float, true))},
                  table);
  EXPECT_EQ(project.text(id, {0, 1, 2}), "\"a\" \"b\" null; 7 12.5 5; 3.5 6.25 5");
  EXPECT_EQ(project.text(id, {0}), "\"a\" \"b\" null");
}

TEST(RunTable, GroupByOfNoRowsGivesNoRows) {
  Project project;
  const ir::NodeId sales = addSales(project);
  ir::Table table = tableFrom(sales, 5);
  Values v(table.graph);
  const auto amount = v.input(2, typeOf(Kind::Float, true));
  const auto none = v.call("gt_ff", typeOf(Kind::Bool, true), {amount, v.constant({1000.0}, Kind::Float)});
  table.ops = {ir::FilterOp{none},
               ir::GroupOp{{v.input(0, typeOf(Kind::Category, true))}, {3}, {v.aggregate("count", typeOf(Kind::Int), {})}, {4}, {}}};
  table.outputs = {3, 4};
  const ir::NodeId id =
      project.add("none", {column("shop", typeOf(Kind::Category, true)), column("rows", typeOf(Kind::Int))}, table);
  EXPECT_EQ(project.text(id, {0, 1}), "");
}

ir::NodeId addJoin(Project& project, ir::JoinOp::Kind kind, const std::string& shops) {
  const ir::NodeId sales = addSales(project);
  const ir::NodeId right =
      project.addSource("shops", {column("code", typeOf(Kind::Category)), column("size", typeOf(Kind::Int))}, shops);
  ir::Table table = tableFrom(sales, 4);
  ir::JoinOp join;
  join.kind = kind;
  join.right = right;
  join.left_keys = {0};
  join.right_keys = {0};
  join.right_columns = {1};
  join.results = {3};
  table.ops = {join};
  table.outputs = {1, 3};
  return project.add("joined", {column("day", typeOf(Kind::Int)), column("size", typeOf(Kind::Int, true))}, table);
}

TEST(RunTable, LookUpJoinKeepsRowsAndNullKeysMatchNothing) {
  Project project;
  EXPECT_EQ(project.text(addJoin(project, ir::JoinOp::Kind::LookUp, "code,size\nz,9\nb,20\n"), {0, 1}),
            "1 2 3 4 5; 20 null null 20 null");
}

TEST(RunTable, LookUpJoinNamesADuplicateKey) {
  Project project;
  const std::string said =
      project.text(addJoin(project, ir::JoinOp::Kind::LookUp, "code,size\na,1\nb,20\nb,21\n"), {1});
  EXPECT_EQ(said, "CD5015 `shops` has 2 rows with code = \"b\"; a look-up join takes at most one");
  // Nobody wants the joined column: the join does not run.
  EXPECT_EQ(project.text({2}, {0}), "1 2 3 4 5");
}

TEST(RunTable, ManyAndInnerJoins) {
  Project many;
  EXPECT_EQ(many.text(addJoin(many, ir::JoinOp::Kind::Many, "code,size\nb,20\nb,21\n"), {0, 1}),
            "1 1 2 3 4 4 5; 20 21 null null 20 21 null");
  Project inner;
  EXPECT_EQ(inner.text(addJoin(inner, ir::JoinOp::Kind::Inner, "code,size\nb,20\nb,21\n"), {0, 1}),
            "1 1 4 4; 20 21 20 21");
}

TEST(RunTable, RequireStopsAndWarnSays) {
  Project project;
  const ir::NodeId sales = addSales(project);
  ir::Table table = tableFrom(sales, 3);
  Values v(table.graph);
  const auto rows = v.aggregate("count", typeOf(Kind::Int), {});
  const auto enough = v.call("ge_ii", typeOf(Kind::Bool), {rows, v.constant({std::int64_t{6}}, Kind::Int)});
  table.ops = {ir::RequireOp{.condition = enough, .warning = true, .text = "count() >= 6"}};
  table.outputs = {1};
  const ir::NodeId warned = project.add("warned", {column("day", typeOf(Kind::Int))}, table);
  ASSERT_TRUE(project.run(warned, {0}).ok());
  ASSERT_EQ(project.warnings.size(), 1U);
  EXPECT_EQ(project.warnings[0].code, "CD5017");
  std::get<ir::RequireOp>(table.ops[0]).warning = false;
  const ir::NodeId required = project.add("required", {column("day", typeOf(Kind::Int))}, table);
  EXPECT_EQ(project.text(required, {0}), "CD5017 `count() >= 6` does not hold for the 5 rows of `required`");
}

TEST(RunTable, RecomputesWhatIsNotStoredAndChecksIt) {
  Project project;
  const ir::NodeId sales = addSales(project);
  ASSERT_TRUE(project.run(sales, {0, 1, 2}).ok());
  EXPECT_EQ(project.text(sales, {1}), "1 2 3 4 5");
  project.known.slots[{sales, 1}].content = Digest{};
  EXPECT_EQ(project.text(sales, {1}), "CD5020 `sales.day` was computed again and came out different");
}

TEST(RunSource, ChecksNameRowAndValues) {
  Project project;
  ir::Source source;
  Values v(source.graph);
  const auto small = v.call("lt_ff", typeOf(Kind::Bool, true),
                            {v.input(1, typeOf(Kind::Float, true)), v.constant({20.0}, Kind::Float)});
  source.checks = {{.condition = small, .text = "x < 20"}};
  const std::vector<ir::Column> columns = {column("day", typeOf(Kind::Int)), column("x", typeOf(Kind::Float, true))};
  const std::string csv = "day,x\n1,3\n2,\n3,21.5\n4,30\n";
  const ir::NodeId bad = project.addSource("bad", columns, csv, source);
  const auto failed = project.run(bad, {2});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, "CD5012");
  EXPECT_EQ(failed.error().message,
            "`" + project.folder().path("bad.csv") + "`, row 3: `x < 20` does not hold: `x` is 21.5 (2 rows fail)");
  source.checks[0].share = 0.5;
  const auto passed = project.run(project.addSource("good", columns, csv, source), {2});
  ASSERT_TRUE(passed.ok());
  EXPECT_EQ((*passed)[0].value, R"({"checks":[{"text":"x < 20","passed":2,"failed":2,"share":0.5}]})");
}

}  // namespace
}  // namespace cd4ml::engine
