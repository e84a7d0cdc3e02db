// As-of joins and windows of tables: what they mean to a model that scores rows, and which edits change that.
#include "compiler/opt/history.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "compiler/check/check_test.h"
#include "compiler/ir/text.h"
#include "compiler/opt/normalise.h"
#include "compiler/opt/op_hash.h"

namespace cd4ml::opt {
namespace {

const std::string base_text = R"(pipeline p
source sales = csv("s.csv") { id: int @id  shop: category  plan: category  at: timestamp @time  v: float  y: bool }
source prices = csv("p.csv") { plan: category  since: timestamp @time  known: timestamp @available  price: float }
table seen from sales {
  filter v > 0
  asof prices on plan within 30d ahead 1d as now
  derive usual = mean(v) over (by shop, last 7d)
  derive dear = (now_price ?? 0.0) * 2.0
}
features f from seen {
  target y
  dear = dear
  known_on = weekday(now_known ?? at)
  usual = usual ?? 0.0
  trend = sum(usual) over (by shop, last 1d) ?? 0.0
}
model m = gbdt(f)
)";

std::string replaced(const std::string& what, const std::string& by) {
  std::string text = base_text;
  EXPECT_NE(text.find(what), std::string::npos) << what;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) text.replace(at, what.size(), by);
  return text;
}

ir::Pipeline pipelineOf(const std::string& text) {
  const check::Program program(text);
  EXPECT_FALSE(program.diagnostics.hasErrors()) << program.said();
  return normalise(program.checked.pipeline);
}

std::string definitionOfFeature(const std::string& text, std::uint32_t slot) {
  const ir::Pipeline pipeline = pipelineOf(text);
  return OpHashes(pipeline).of({pipeline.find("f"), slot}).hex();
}

TEST(History, ScoringTakesTheRowAndNamesTheRest) {
  const ir::Pipeline pipeline = pipelineOf(base_text);
  const ir::ScoringProgram program = ir::deriveScoring(pipeline, pipeline.find("m"));
  std::vector<std::string> inputs;
  for (std::size_t i = 0; i < program.rawInputs(); ++i) inputs.push_back(program.inputs[i].name);
  EXPECT_EQ(inputs, (std::vector<std::string>{"shop", "plan", "at"}));
  EXPECT_EQ(program.history.size(), 4u);  // two columns of the join, two windows
  EXPECT_EQ(verifyGraph(program.graph, static_cast<std::uint32_t>(program.inputs.size())), "");
  const std::vector<HistoryNeed> needs = historyNeeds(pipeline, pipeline.find("m"));
  ASSERT_EQ(needs.size(), 3u);
  EXPECT_EQ(needs[0].reads, "latest `price` of `prices` by `plan`; latest `known` of `prices` by `plan`");
  EXPECT_EQ(pipeline[needs[0].rows].name, "prices");
  EXPECT_EQ(base_text.substr(needs[0].span.begin, 11), "asof prices");
  EXPECT_EQ(needs[1].reads, "mean of `seen` by `shop`");
  EXPECT_EQ(needs[2].reads, "sum of `seen` by `shop`");
  const std::map<std::string, ir::HistoryPlace> places = historyPlaces(pipeline);
  for (const ir::HistoryInput& each : program.history) EXPECT_EQ(places.at(each.definition), each.place);
}

TEST(History, AModelOfTheRowAloneNeedsNone) {
  const ir::Pipeline pipeline = pipelineOf(base_text + "features g from seen { target y  v = v }\nmodel n = gbdt(g)");
  EXPECT_TRUE(historyNeeds(pipeline, pipeline.find("n")).empty());
}

TEST(History, RowsStartAtTheLastStepThatMakesThem) {
  const ir::Pipeline pipeline = pipelineOf(R"(pipeline p
source sales = csv("s.csv") { shop: category  at: timestamp @time  v: float }
source prices = csv("p.csv") { shop: category  since: timestamp @time  price: float }
table daily from sales {
  group by shop, day = trunc(at, 1d) { n = count()  v = mean(v) }
  derive when = day @time
  derive before = lag(n) over (by shop)
  asof prices on shop
}
features f from daily { target v  n = n  before = before  price = price }
model m = gbdt(f)
)");
  const ir::ScoringProgram program = ir::deriveScoring(pipeline, pipeline.find("m"));
  std::vector<std::string> inputs;
  for (std::size_t i = 0; i < program.rawInputs(); ++i) inputs.push_back(program.inputs[i].name);
  EXPECT_EQ(inputs, (std::vector<std::string>{"shop", "day", "n"}));
  EXPECT_EQ(program.history.size(), 2u);
}

TEST(History, NamesPlayNoPart) {
  const std::string base = definitionOfFeature(base_text, 0);
  EXPECT_EQ(definitionOfFeature(replaced("prices", "tariffs"), 0), base);
  EXPECT_EQ(definitionOfFeature(replaced("as now", "as later  rename later_price as now_price  rename later_known as now_known"), 0), base);
  EXPECT_EQ(definitionOfFeature(replaced("seen", "looked"), 0), base);
  EXPECT_EQ(definitionOfFeature(replaced("within 30d", "within 720h"), 0), base);
}

TEST(History, WhatDecidesTheJoinIsInTheDefinition) {
  const std::string base = definitionOfFeature(base_text, 0);
  EXPECT_NE(definitionOfFeature(replaced("within 30d ", ""), 0), base);
  EXPECT_NE(definitionOfFeature(replaced("ahead 1d ", ""), 0), base);
  EXPECT_NE(definitionOfFeature(replaced(" @available", ""), 0), base);
  EXPECT_NE(definitionOfFeature(replaced("on plan", "on shop == plan"), 0), base);
  EXPECT_NE(definitionOfFeature(replaced("v > 0", "v > 1"), 0), base);  // a row that ties is an error of the rows there are
  EXPECT_EQ(definitionOfFeature(replaced("last 7d", "last 8d"), 0), base);
}

TEST(History, TheTextFormReadsBack) {
  const ir::Pipeline pipeline = pipelineOf(base_text);
  const std::string text = ir::printPipeline(pipeline);
  EXPECT_NE(text.find("asof #1 left ["), std::string::npos) << text;
  const Result<ir::Pipeline> again = ir::parsePipeline(text);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(ir::printPipeline(*again), text);
}

TEST(History, ARowDoesNotFindItself) {
  const auto strictly = [](const std::string& verb) {
    const ir::Pipeline pipeline = pipelineOf(replaced("asof prices on plan within 30d ahead 1d as now", verb));
    const auto& table = std::get<ir::Table>(pipeline.nodes[pipeline.find("seen").index].body);
    for (const ir::TableOp& op : table.ops) {
      if (const auto* asof = std::get_if<ir::AsOfOp>(&op); asof != nullptr && asof->right_available == ir::no_slot) return asof->strictly_before;
    }
    return false;
  };
  const std::string prices = "asof prices on plan as now ";
  EXPECT_TRUE(strictly(prices + "asof sales on plan as own"));
  EXPECT_FALSE(strictly(prices + "asof sales on plan ahead 1h as own"));
}

}  // namespace
}  // namespace cd4ml::opt
