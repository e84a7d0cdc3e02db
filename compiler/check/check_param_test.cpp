#include <gtest/gtest.h>

#include <sstream>

#include "compiler/check/check_test.h"
#include "compiler/ir/text.h"

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

const char* const lists = R"(pipeline p
param files: list<text> = ["a.csv", "b.csv"]
param hubs: list<category> = ["ATL", "ORD"]
param hours: list<int> = [6, 7] in 0..23
source s = csv(files, nulls: words) { at: timestamp @time  hub: category  hour: int }
param words: list<text> = ["NA"]
table t from s { filter hub in hubs and hour not in hours }
)";

std::string listsSaid(std::map<std::string, std::string> params) {
  const Program program(lists, {.params = std::move(params), .pinned = {}});
  std::string out;
  for (const diag::Diagnostic& each : program.diagnostics.all()) {
    if (diag::severityOf(each.code) == diag::Severity::Error) out += fmt::format("{} {}\n", diag::codeText(each.code), each.message);
  }
  return out;
}

/// The sets that a program asks for, without the numbers of values.
std::string setsOf(const Program& program) {
  std::istringstream lines(ir::printPipeline(program.checked.pipeline));
  std::string sets;
  for (std::string line; std::getline(lines, line);) {
    if (const std::size_t at = line.find("in_set"); at != std::string::npos) sets += line.substr(at, 8) + line.substr(line.find(')', at)) + "\n";
  }
  return sets;
}

TEST(Param, ListsStandWhereListLiteralsDo) {
  const Program program(lists);
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  const auto& source = std::get<ir::Source>(program.checked.pipeline.nodes[0].body);
  EXPECT_EQ(source.paths, (std::vector<std::string>{"a.csv", "b.csv"}));
  EXPECT_TRUE(program.checked.pipeline.params[0].is_list);
  const Program literal("pipeline p\nsource s = csv([\"a.csv\", \"b.csv\"], nulls: [\"NA\"]) { at: timestamp @time  hub: category  hour: int }\n"
                        "table t from s { filter hub in {\"ATL\", \"ORD\"} and hour not in {6, 7} }\n");
  EXPECT_EQ(setsOf(program), setsOf(literal));
}

TEST(Param, ListsAreReadFromTheCommandLine) {
  const Program program(lists, {.params = {{"files", "x.csv, \"y,z.csv\""}, {"hours", "[1, 2, 3]"}, {"words", ""}}, .pinned = {}});
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  EXPECT_EQ(std::get<ir::Source>(program.checked.pipeline.nodes[0].body).paths, (std::vector<std::string>{"x.csv", "y,z.csv"}));
  EXPECT_EQ(listsSaid({{"hours", "1,2"}}), "");
  EXPECT_EQ(listsSaid({{"hours", "1,many"}}), "CD2102 `--param hours=1,many` is no list<int>\n");
  EXPECT_EQ(listsSaid({{"hours", "[1,2"}}), "CD2102 `--param hours=[1,2` is no list<int>\n");
  EXPECT_EQ(listsSaid({{"hours", "1,2,"}}), "CD2102 `--param hours=1,2,` is no list<int>\n");
  EXPECT_EQ(listsSaid({{"hours", "1,24"}}), "CD2101 `--param hours=1,24`, it must be in 0..23\n");
}

TEST(Param, AListIsNoValue) {
  const Program program("pipeline p\nparam xs: list<int> = [1]\nparam ys: list<int?> = [1]\nparam zs: list<int> = 3\nsource s = csv(\"s\") { x: int }\ntable t from s { filter x == xs }\n");
  EXPECT_EQ(program.said(),
            "CD2005 3:11 `list<int?>` is not a list of values\n"
            "CD2001 4:23 a list is wanted here, `3` is none\n"
            "CD2025 6:30 `xs` is a list, not one value\n");
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
