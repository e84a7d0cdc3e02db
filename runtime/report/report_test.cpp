#include "runtime/report/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "runtime/report/chart.h"
#include "runtime/report/sections.h"

namespace cd4ml::report {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::vector<Stage> diamond() {
  std::vector<Stage> stages(5);
  stages[0] = {.name = "a", .kind = "source", .status = "ran"};
  stages[1] = {.name = "b", .kind = "table", .status = "cached", .inputs = {0}};
  stages[2] = {.name = "c", .kind = "table", .status = "cached", .inputs = {0}};
  stages[3] = {.name = "d", .kind = "split", .status = "ran", .inputs = {1}};
  stages[4] = {.name = "e", .kind = "features", .status = "failed", .inputs = {0, 2, 3}};
  return stages;
}

TEST(Pipeline, AStageLiesBeyondItsInputs) {
  const std::vector<Stage> stages = diamond();
  const std::vector<PipelineItem> items = layOut(stages);
  for (std::size_t s = 0; s < stages.size(); ++s) {
    EXPECT_EQ(items[s].stage, s);
    for (const std::size_t input : stages[s].inputs) EXPECT_GT(items[s].layer, items[input].layer);
  }
  EXPECT_EQ(items[4].layer, 3U);
}

TEST(Pipeline, LinesGoFromLayerToLayerAndNothingLiesOnAnother) {
  const std::vector<PipelineItem> items = layOut(diamond());
  EXPECT_GT(items.size(), 5U);
  std::set<std::pair<std::size_t, std::size_t>> places;
  for (const PipelineItem& item : items) {
    EXPECT_TRUE(places.emplace(item.layer, item.row).second);
    for (const std::size_t input : item.inputs) EXPECT_EQ(items[input].layer + 1, item.layer);
  }
  EXPECT_EQ(items[4].inputs.size(), 3U);
}

TEST(Pipeline, AnEmptyOneHasNoPicture) {
  Ids ids;
  EXPECT_EQ(pipelineChart({}, ids), "");
  EXPECT_TRUE(layOut({}).empty());
}

Report hostile() {
  const std::string bad = "</td><script>alert(1)</script>";
  Report report{.title = bad, .subject = bad, .about = bad, .at = bad};
  report.verdict = {.tone = Tone::Bad, .state = bad, .headline = bad, .why = {bad}, .next = {{bad, bad}}};
  report.gates = {{.name = bad, .deploy = bad, .verdict = bad, .checks = {{.text = bad, .verdict = bad, .reason = bad, .value = NAN, .limit = INFINITY}}}};
  Evaluation evaluation{.name = bad, .model = bad, .part = bad, .champion = bad, .rows_note = bad};
  evaluation.metrics = {{.name = bad, .value = 1, .champion = {}, .reason = bad}};
  evaluation.compared = {{.name = bad, .value = NAN, .champion = 0, .better = Better::Higher}};
  evaluation.slices = {{.metric = bad, .by = bad, .whole = 1, .slices = {{.label = bad, .value = 2, .rows = 1, .reason = bad}, {.label = bad, .value = 1}}}};
  evaluation.calibration = Calibration{.bins = {{.low = 0, .high = 0.1, .rows = 3, .predicted = NAN, .observed = 2}}};
  report.evaluations = {evaluation};
  Window window{.id = bad, .label = bad, .verdict = "alarm", .model = bad, .reason = bad, .rows = 5};
  window.drift = {{.name = bad, .role = bad, .segment = bad, .verdict = "alarm", .statistic = bad, .reason = bad, .effect = NAN},
                  {.name = bad, .verdict = "alarm", .effect = 1, .levels = {{bad, 0.5, 0.1}}},
                  {.name = bad, .verdict = "alarm", .effect = 1, .low = NAN, .high = 1, .bins_then = {0, NAN}, .bins_now = {1, 0}}};
  window.checks = {{bad, bad, "warn", bad}};
  window.quality = {{bad, bad, "alarm", bad}};
  window.metrics = {{bad, 0.5}};
  report.windows = {window, window};
  report.limits = {{bad, 0.4}};
  report.events = {{.at = bad, .what = bad, .text = bad, .by = bad}};
  report.stages = {{.name = bad, .kind = bad, .status = bad, .reason = bad}};
  report.provenance = {{bad, bad}};
  report.reproduce = bad;
  return report;
}

TEST(Report, WhateverTextsSayNothingOfItIsMarkup) {
  const std::string page = render(hostile());
  EXPECT_FALSE(contains(page, "<script>alert"));
  EXPECT_FALSE(contains(page, "</td><script"));
  EXPECT_FALSE(contains(page, "=\"nan"));
  EXPECT_FALSE(contains(page, "=\"inf"));
}

TEST(Report, IsTheSameForTheSameValues) { EXPECT_EQ(render(hostile()), render(hostile())); }

TEST(Report, ForbidsItselfToLoadAnything) {
  const std::string page = render({.title = "p", .subject = "run r"});
  EXPECT_TRUE(contains(page, "default-src 'none'"));
  EXPECT_FALSE(contains(page, "http://"));
  EXPECT_FALSE(contains(page, "https://"));
  EXPECT_FALSE(contains(page, "@import"));
  EXPECT_FALSE(contains(page, "url("));
}

TEST(Report, APartWithoutValuesIsLeftOut) {
  const std::string page = render({.title = "p", .subject = "run r", .verdict = {.headline = "Nothing."}});
  EXPECT_TRUE(contains(page, "Nothing."));
  EXPECT_FALSE(contains(page, "id=\"gate\""));
  EXPECT_FALSE(contains(page, "<nav"));
}

TEST(Report, TheNewestWindowWithEnoughRowsIsShown) {
  Report report;
  EXPECT_EQ(shownWindow(report), nullptr);
  report.windows = {{.id = "1", .verdict = "ok"}, {.id = "2", .verdict = "alarm"}, {.id = "3", .verdict = "insufficient"}};
  EXPECT_EQ(shownWindow(report)->id, "2");
  report.windows = {{.id = "1", .verdict = "insufficient"}, {.id = "2", .verdict = "insufficient"}};
  EXPECT_EQ(shownWindow(report)->id, "2");
}

TEST(Report, StaysSmallWithManyColumnsAndGroups) {
  Report report{.title = "p", .subject = "monitor m"};
  for (int w = 0; w < 60; ++w) {
    Window window{.id = std::to_string(w), .label = "2024-01-01", .verdict = "alarm", .rows = 1000};
    for (int c = 0; c < 400; ++c) {
      window.drift.push_back({.name = "column_" + std::to_string(c), .role = "feature", .verdict = "alarm", .statistic = "w1", .effect = 1.25, .threshold = 0.1, .p = 0.001, .mean_then = 1, .mean_now = 2,
                              .low = 0, .high = 1, .bins_then = std::vector<double>(20, 0.05), .bins_now = std::vector<double>(20, 0.05)});
      window.drift.push_back({.name = "column_" + std::to_string(c), .role = "feature", .segment = "g = 1", .verdict = "alarm", .effect = 1.25, .threshold = 0.1, .bins_then = std::vector<double>(20, 0.05),
                              .bins_now = std::vector<double>(20, 0.05)});
      window.checks.push_back({"missing", "column_" + std::to_string(c), "ok", "0.0 % of the rows"});
    }
    report.windows.push_back(window);
  }
  EXPECT_LT(render(report).size(), 1'000'000U);
}

}  // namespace
}  // namespace cd4ml::report
