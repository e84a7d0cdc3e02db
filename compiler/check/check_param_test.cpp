#include <gtest/gtest.h>

#include "compiler/check/check_test.h"

namespace cd4ml::check {
namespace {

const char* const text = R"(pipeline p
param data: text = "s"
param late: duration = 15min
param trees: int = 200 in 10..5000
param mode: text = "a" in {"a", "b"}
source s = csv("data/{data}.csv", skip: trees) { x: float<min>  y: text }
table t from s { filter x > late  filter y == mode }
)";

std::string said(std::map<std::string, std::string> params) {
  std::string out;
  const Program program(text, {.params = std::move(params), .pinned = {}});
  for (const diag::Diagnostic& each : program.diagnostics.all()) {
    if (diag::severityOf(each.code) == diag::Severity::Error) out += fmt::format("{} {}\n", diag::codeText(each.code), each.message);
  }
  return out;
}

TEST(Param, CommandLineReplacesTheDefault) {
  const Program program(text, {.params = {{"trees", "300"}, {"data", "other"}}, .pinned = {}});
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const ir::Pipeline& pipeline = program.checked.pipeline;
  EXPECT_EQ(pipeline.params[2].value, ir::Literal{std::int64_t{300}});
  EXPECT_EQ(pipeline.params[2].origin, "command line");
  EXPECT_EQ(pipeline.params[1].origin, "default");
  EXPECT_EQ(std::get<ir::Source>(pipeline.nodes[0].body).paths, std::vector<std::string>{"data/other.csv"});
}

TEST(Param, MayBeDeclaredAfterItsUse) {
  const Program program("pipeline p\nsource s = csv(data) { x: float }\ntable t from s { filter x > low }\nparam data: text = \"a.csv\"\nparam low: float = 1.0\n");
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  EXPECT_EQ(std::get<ir::Source>(program.checked.pipeline.nodes[0].body).paths, std::vector<std::string>{"a.csv"});
}

TEST(Param, WrongValuesAreSaid) {
  EXPECT_EQ(said({{"tress", "300"}}), "CD1007 `--param`: there is no param `tress`\n");
  EXPECT_EQ(said({{"trees", "many"}}), "CD2102 `--param trees=many` is no int\n");
  EXPECT_EQ(said({{"trees", "3"}}), "CD2101 `--param trees=3`, it must be in 10..5000\n");
  EXPECT_EQ(said({{"mode", "c"}}), "CD2101 `--param mode=c`, it must be in {\"a\", \"b\"}\n");
}

TEST(Source, PinnedSchemaGivesTheColumns) {
  Settings settings;
  settings.pinned["s"] = {{.name = "x", .type = {.kind = ir::Kind::Float}}};
  const Program program("pipeline p\nsource s = csv(\"s.csv\")\ntable t from s { filter z > 0.0 }", settings);
  EXPECT_EQ(program.said(), "CD2004 3:25 `t` has no column `z`\n");
  EXPECT_TRUE(std::get<ir::Source>(program.checked.pipeline.nodes[0].body).pinned);
}

}  // namespace
}  // namespace cd4ml::check
