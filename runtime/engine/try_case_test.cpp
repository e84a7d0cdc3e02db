#include "runtime/engine/try_case.h"

#include <gtest/gtest.h>

#include "runtime/engine/sample_pipeline_test.h"

namespace cd4ml::engine {
namespace {

using sample::Project;
using sample::typeOf;

/// `table big from rows { filter a > 1  derive twice = a + a }`.
struct Small {
  Project project;
  ir::NodeId rows = project.addSource("rows", {sample::column("a", typeOf(ir::Kind::Int)), sample::column("b", typeOf(ir::Kind::Category, true))}, "a,b\n9,z\n");
  ir::NodeId big;

  Small() {
    ir::Table table{.from = rows, .variables = 3, .graph = {}, .ops = {}, .outputs = {1, 2}};
    sample::Values values(table.graph);
    const ir::ValueId a = values.input(0, typeOf(ir::Kind::Int));
    const ir::ValueId one = values.constant({std::int64_t{1}}, ir::Kind::Int);
    table.ops.emplace_back(ir::FilterOp{.condition = values.call("gt_ii", typeOf(ir::Kind::Bool), {a, one})});
    table.ops.emplace_back(ir::DeriveOp{.result = 2, .value = values.call("add_ii", typeOf(ir::Kind::Int), {a, a})});
    big = project.add("big", {sample::column("b", typeOf(ir::Kind::Category, true)), sample::column("twice", typeOf(ir::Kind::Int))}, table);
  }

  [[nodiscard]] ir::TestCase given(std::vector<std::int64_t> a) const {
    ir::LiteralTable table{.node = rows, .slots = {0, 1}, .columns = {}, .rows = a.size()};
    table.columns.resize(2);
    table.columns[1].resize(a.size());
    for (const std::int64_t each : a) table.columns[0].emplace_back().value = each;
    return {.name = "t", .given = {table}, .expected = {}, .error = {}, .error_span = {}, .span = {}};
  }

  std::string outcome(const ir::TestCase& test) {
    TaskContext context;
    const auto failures = tryCase(project.pipeline, test, EngineConfig{}, context);
    if (!failures.ok()) return failures.error().code + " " + failures.error().describe();
    std::string text;
    for (const TestFailure& failure : *failures) {
      for (const std::string& line : failure.lines) text += line + "\n";
    }
    return text;
  }
};

ir::Expectation twice(const Small& small, std::vector<std::int64_t> values) {
  ir::Expectation out{.table = {.node = small.big, .slots = {1}, .columns = {}, .rows = values.size()}, .within = {}, .text = "big.twice", .span = {}};
  out.table.columns.resize(1);
  for (const std::int64_t each : values) out.table.columns[0].emplace_back().value = each;
  return out;
}

TEST(TryCase, HoldsWhereColumnsAreEqual) {
  Small small;
  ir::TestCase test = small.given({1, 2, 3});
  test.given[0].columns[1][2].value = std::string();
  test.expected = {twice(small, {4, 6})};
  ir::Expectation b = twice(small, {0, 0});
  b.table.slots = {0};
  b.table.columns[0][0].value = std::monostate{};
  b.table.columns[0][1].value = std::string();
  test.expected.push_back(b);
  EXPECT_EQ(small.outcome(test), "");
}

TEST(TryCase, ShowsWhatDiffers) {
  Small small;
  ir::TestCase test = small.given({1, 2, 3});
  test.expected = {twice(small, {5, 6, 8})};
  EXPECT_EQ(small.outcome(test), "expected 3 rows, got 2\nrow 1  twice: expected 5, got 4\nrow 3  twice: expected 8, got no row\n");
}

TEST(TryCase, CountsRowsByAColumnThatIsGiven) {
  Small small;
  ir::Table flat{.from = small.rows, .variables = 3, .graph = {}, .ops = {}, .outputs = {2}};
  sample::Values values(flat.graph);
  flat.ops.emplace_back(ir::DeriveOp{.result = 2, .value = values.constant({std::int64_t{7}}, ir::Kind::Int)});
  const ir::NodeId constant = small.project.add("flat", {sample::column("k", typeOf(ir::Kind::Int))}, flat);
  ir::TestCase test = small.given({1, 2});
  test.given[0].slots = {1};
  test.given[0].columns.erase(test.given[0].columns.begin());
  ir::Expectation sevens = twice(small, {7, 7});
  sevens.table.node = constant;
  sevens.table.slots = {0};
  ir::Expectation two{.table = {.node = constant, .slots = {}, .columns = {}, .rows = 2}, .rows_only = true, .within = {}, .text = "count", .span = {}};
  test.expected = {sevens, two};
  EXPECT_EQ(small.outcome(test), "");
  test.expected[1].table.rows = 3;
  EXPECT_EQ(small.outcome(test), "expected 3 rows, got 2\n");
  test.expected[1].rows_only = false;
  test.expected[1].table.rows = 0;
  EXPECT_EQ(small.outcome(test), "expected 0 rows, got 2\n");
}

TEST(TryCase, ExpectsAnError) {
  Small small;
  ir::TestCase test = small.given({INT64_MAX});
  test.expected = {twice(small, {0})};
  EXPECT_NE(small.outcome(test).find("overflow"), std::string::npos) << small.outcome(test);
  test.error = "overflow";
  EXPECT_EQ(small.outcome(test), "");
  test.error = "too cold";
  EXPECT_TRUE(small.outcome(test).starts_with("it failed otherwise: ")) << small.outcome(test);
  ir::TestCase fine = small.given({2});
  fine.expected = {twice(small, {4})};
  fine.error = "overflow";
  EXPECT_EQ(small.outcome(fine), "nothing failed\n");
}

}  // namespace
}  // namespace cd4ml::engine
