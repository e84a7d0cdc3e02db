#include "runtime/engine/features_fit.h"
#include "runtime/engine/sample_pipeline_test.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {
namespace {

using namespace sample;
using ir::Kind;
using ir::Part;
using Share = ir::Split::Share;

constexpr std::int64_t kDay = 86'400'000'000;

/// Number of the part of each row of days 1 … n.
std::string parts(Project& project, ir::Split split, const std::string& csv, Kind kind = Kind::Date) {
  split.from = project.addSource("rows", {column("day", typeOf(kind))}, csv);
  split.time_column = 0;
  split.id_columns = {0};
  const ir::NodeId id = project.add("rows.split", {}, split);
  const auto made = project.run(id, {0});
  if (!made.ok()) return made.error().code + " " + made.error().message;
  return (*made)[0].value;
}

/// One digit a row.
std::string assignment(Project& project, ir::NodeId split) {
  TaskContext context;
  EngineConfig config;
  Artifacts artifacts(nullptr);
  Run run{project.known, context, artifacts, config};
  const auto column = fetchSplit(run, split);
  EXPECT_TRUE(column.ok());
  std::string out;
  for (std::int64_t r = 0; r < column->rows; ++r) out += static_cast<char>('0' + column->view().bools()[r]);
  return out;
}

std::string days(int n) {
  std::string csv = "day\n";
  for (int d = 1; d <= n; ++d) csv += (d < 10 ? "2024-01-0" : "2024-01-") + std::to_string(d) + "\n";
  return csv;
}

TEST(RunSplit, ByShares) {
  Project project;
  ir::Split split;
  split.shares = {{Part::Train, 0.7}, {Part::Validate, 0.15}, {Part::Test, 0.15}};
  EXPECT_EQ(parts(project, split, days(20)),
            R"({"rows":20,"parts":[{"part":"train","rows":14,"from":"2024-01-01","to":"2024-01-14"},)"
            R"({"part":"validate","rows":3,"from":"2024-01-15","to":"2024-01-17"},)"
            R"({"part":"test","rows":3,"from":"2024-01-18","to":"2024-01-20"}]})");
}

TEST(RunSplit, EqualTimesFallOnOneSide) {
  ir::Split split;
  split.shares = {{Part::Train, 0.5}, {Part::Test, 0.5}};
  const TimeCuts cuts = cutTimes(split, {1, 2, 2, 2, 2, 3});
  EXPECT_EQ(cuts.to[0], 2);
  EXPECT_EQ(cuts.from[1], 2);
}

TEST(RunSplit, DurationsCountBackFromTheNewestRowAndGapsAreLeftOut) {
  ir::Split split;
  split.gap_us = kDay;
  split.shares = {{.part = Part::Train, .rest = true},
                  {.part = Part::Validate, .duration_us = 2 * kDay},
                  {.part = Part::Test, .duration_us = 3 * kDay}};
  std::vector<std::int64_t> times;
  for (int d = 1; d <= 10; ++d) times.push_back(d * kDay);
  const TimeCuts cuts = cutTimes(split, times);
  EXPECT_EQ(cuts.from[2], 7 * kDay + 1);  // days 8, 9, 10
  EXPECT_EQ(cuts.from[1], 5 * kDay + 1);
  EXPECT_EQ(cuts.to[1], 6 * kDay + 1);  // day 6; day 7 is within the gap
  EXPECT_EQ(cuts.to[0], 4 * kDay + 1);
}

TEST(RunSplit, RestInTheMiddle) {
  ir::Split split;
  split.shares = {{Part::Train, 0.5}, {.part = Part::Validate, .rest = true}, {Part::Test, 0.2}};
  std::vector<std::int64_t> times;
  for (int d = 0; d < 10; ++d) times.push_back(d);
  const TimeCuts cuts = cutTimes(split, times);
  EXPECT_EQ(cuts.from[1], 5);
  EXPECT_EQ(cuts.from[2], 8);
}

TEST(RunSplit, AnEmptyPartIsAnError) {
  Project project;
  ir::Split split;
  split.shares = {{Part::Train, 0.7}, {Part::Test, 0.3}};
  EXPECT_EQ(parts(project, split, days(1)), "CD5019 part `test` of split `rows.split` holds none of the 1 rows");
}

TEST(RunSplit, RandomDependsOnContentAlone) {
  ir::Split split;
  split.method = ir::Split::Method::Random;
  split.seed = 7;
  split.shares = {{Part::Train, 0.7}, {Part::Validate, 0.15}, {Part::Test, 0.15}};
  std::string csv = "day\n";
  std::string more;
  for (int i = 0; i < 2000; ++i) csv += std::to_string(i) + "\n";
  Project project;
  const std::string said = parts(project, split, csv, Kind::Int);
  EXPECT_NE(said.find(R"({"part":"train","rows":14)"), std::string::npos) << said;
  // More rows, and in front of the others: the old rows keep their parts.
  const std::string before = assignment(project, {1});
  Project two;
  split.from = two.addSource("rows", {column("day", typeOf(Kind::Int))}, "day\n-5\n-6\n" + csv.substr(4));
  split.id_columns = {0};
  ASSERT_TRUE(two.run(two.add("rows.split", {}, split), {0}).ok());
  EXPECT_EQ(assignment(two, {1}).substr(2), before);
  EXPECT_EQ(shareEnds(split).back(), UINT64_MAX);
}

}  // namespace
}  // namespace cd4ml::engine
