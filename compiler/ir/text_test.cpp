#include "compiler/ir/text.h"

#include <gtest/gtest.h>

#include "compiler/ir/kernel_table.h"

namespace cd4ml::ir {
namespace {

const char* const pipeline_text = R"(pipeline flight_delays
param trees : int = 200 from "default" doc "how many"
param late : duration = 900000000 from "command line"

#0 source flights doc "one row a flight"
  column date : timestamp @time
  column delay : float<min>? @pii doc "minutes"
  column kind : category{"a", "b \"c\""}?
  reader csv
  path "data/*.csv"
  option delimiter = ","
  option nulls = ["", "NA"]
  pinned
  %0 : float<min>? = input 1
  %1 : float<min> = constant -120.0
  %2 : bool? = call gt_ff(%0, %1)
  check %2 share 0.999 "delay > -120min"
  warn %2 share 1.0 "line\nbreak"
  require %2 "unique(kind) or true"
  warn %2 "count() > 10"

#1 table labelled
  column "Unit Price" : float
  from #0
  variables 7
  %0 : float = input 1
  %1 : bool = call is_null_f(%0)
  filter %1
  derive $3 = %0
  group [$4 = %0] [$5 = %0]
  join lookup #0 left [4] right [0] columns [1] results [6]
  require %1 "count() > 3"
  dedupe [3, 4] by 6 last names ["kind" "delay" "date"]
  sample 0.1 seed 1 ids [3, 4]
  union #0 left [4, 6] columns [0, 1] results [7, 8]
  outputs [3, 6]

#2 split parts
  method time
  from #1
  time 0
  ids [0, 1]
  seed 0
  gap 3600000000
  share train fraction 0.7
  share validate rest
  share test duration 86400000000

#3 features trip
  from #1
  split #2
  %0 : float = input 0
  %1 : float = fit mean(%0) [0.5, "x", null]
  %2 : vector[3] = encode one_hot(%0)
  %3 : float = lookup 0 2(%0)
  feature %0
  target %1
  weight %3

#4 model late
  algorithm gbdt
  features #3
  task binary
  target_type bool
  option trees = 200

#5 evaluate quality
  model #4
  part test
  in_sample
  %0 : float = aggregate count()
  metric auc as auc by [3, 4] min 500
    with class = "x"
  metric recall as recall by class [] min 20
  metric %0 as late_share by [] min 0

#6 notify ops
  channel command
  option x = true
  argv "cat"

#7 gate release
  on #5
  require (1.0 * metric candidate worst 0 0) >= (1.0 * metric champion whole 0 0, -1.0 * constant 0.005) confident 0.95 "auc"
  require (1.0 * metric candidate each 0 0) >= (1.0 * constant 0.5) share 0.9 "auc by origin"
  warn (1.0 * size candidate, 2.0 * latency candidate 99.0, 1.0 * rows candidate 0) < (1.0 * constant inf) "x"
  hold
  notify #6

#8 deploy production
  model #4
  gate #7
  rollout 0.0 500 0
  rollout 0.05 0 0
)";

TEST(Text, PipelineReadsBack) {
  const Result<Pipeline> pipeline = parsePipeline(pipeline_text);
  ASSERT_TRUE(pipeline.ok()) << pipeline.error().message;
  EXPECT_EQ(printPipeline(*pipeline), pipeline_text);
  EXPECT_EQ(pipeline->find("late").index, 4u);
  EXPECT_FALSE(pipeline->find("nobody").valid());
  EXPECT_EQ(inputsOf((*pipeline)[{7}]), (std::vector<NodeId>{{5}, {6}}));
  EXPECT_EQ(slotNames((*pipeline)[{0}]), (std::vector<std::string>{"date", "delay", "kind", "checks"}));
}

TEST(Text, MalformedLineIsNamed) {
  const Result<Pipeline> pipeline = parsePipeline("pipeline p\n#0 source s\n  reader csv\n  nonsense 3\n");
  ASSERT_FALSE(pipeline.ok());
  EXPECT_EQ(pipeline.error().code, "CD9002");
  EXPECT_NE(pipeline.error().message.find("line 4"), std::string::npos);
  EXPECT_FALSE(parseGraph("%1 : int = input 0").ok());
  EXPECT_FALSE(parseGraph("%0 : int = input 0 0").ok());
}

TEST(Text, FloatsKeepTheirBits) {
  for (const double value : {0.1, 1e300, -0.0, 3.0, 5e-324}) {
    const std::string text = "%0 : float = constant " + literalText({value}) + "\n";
    const Result<Graph> graph = parseGraph(text);
    ASSERT_TRUE(graph.ok()) << text;
    EXPECT_EQ(graph->values[0].literal, Literal{value});
    EXPECT_EQ(printGraph(*graph), text);
  }
}

Graph graphOf(const std::string& text) {
  Result<Graph> graph = parseGraph(text);
  EXPECT_TRUE(graph.ok());
  return std::move(graph).value();
}

TEST(Verify, FindsWhatDoesNotFit) {
  EXPECT_EQ(verifyGraph(graphOf("%0 : float = input 0\n%1 : float = call add_ff(%0, %0)\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : float = input 1\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : float = call add_ff(%1, %1)\n%1 : float = input 0\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : int = input 0\n%1 : float = call add_ff(%0, %0)\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : float = input 0\n%1 : float = call add_ff(%0)\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : float = input 0\n%1 : int = call add_ff(%0, %0)\n"), 1), "");
  EXPECT_NE(verifyGraph(graphOf("%0 : float = input 0\n%1 : float = call no_such(%0)\n"), 1), "");
}

TEST(KernelTable, RowsAreFoundByName) {
  for (const KernelRow& row : kernelRows()) EXPECT_EQ(findKernel(row.name), &row) << row.name << " is there twice";
  EXPECT_EQ(findKernel("no_such"), nullptr);
}

}  // namespace
}  // namespace cd4ml::ir
