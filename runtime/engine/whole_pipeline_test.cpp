// The weather example from its IR, run whole: the engine's nodes together, without the front.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "compiler/ir/text.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/engine/engine_impl.h"

namespace cd4ml::engine {
namespace {

std::string fileText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The pipeline with all its results.
struct Whole {
  explicit Whole(int threads, std::shared_ptr<store::Cas> cas = nullptr)
      : engine(EngineConfig{.cas = std::move(cas), .object_cache = {}, .threads = threads}) {
    auto parsed = ir::parsePipeline(fileText("tests/pipelines/weather.ir"));
    EXPECT_TRUE(parsed.ok());
    pipeline = std::move(parsed).value();
    known.pipeline = &pipeline;
    context.threads = threads;
  }

  void runAll() {
    for (std::uint32_t n = 0; n < pipeline.nodes.size(); ++n) {
      const ir::NodeBody& body = pipeline.nodes[n].body;
      if (std::holds_alternative<ir::Source>(body)) {
        SourceFile file;
        file.path = "examples/weather/data/weather.csv";
        known.files[{n}] = {file};
      }
      if (std::holds_alternative<ir::Gate>(body) || std::holds_alternative<ir::Deploy>(body) ||
          std::holds_alternative<ir::Notify>(body))
        continue;
      std::vector<std::uint32_t> slots(ir::slotNames(pipeline.nodes[n]).size());
      for (std::uint32_t s = 0; s < slots.size(); ++s) slots[s] = s;
      const auto made = engine.run(known, {n}, slots, context);
      ASSERT_TRUE(made.ok()) << pipeline.nodes[n].name << ": " << made.error().describe();
      for (const std::uint32_t s : slots) known.slots[{{n}, s}] = (*made)[s];
    }
  }

  [[nodiscard]] std::map<ir::SlotRef, Digest> contents() const {
    std::map<ir::SlotRef, Digest> out;
    for (const auto& [slot, content] : known.slots) out[slot] = content.content;
    return out;
  }

  ir::Pipeline pipeline;
  Known known;
  TaskContext context;
  EngineImpl engine;
};

std::vector<std::string> lastColumns(const std::string& csv, std::size_t count) {
  std::vector<std::string> out;
  std::stringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::size_t at = line.size();
    for (std::size_t i = 0; i < count && at != std::string::npos; ++i) at = line.rfind(',', at == 0 ? 0 : at - 1);
    out.push_back(at == std::string::npos ? line : line.substr(at + 1));
  }
  return out;
}

TEST(WholePipeline, IsTheSameForEveryThreadCount) {
  Whole one(1);
  one.runAll();
  Whole two(2);
  two.runAll();
  EXPECT_EQ(one.contents(), two.contents());
  const SlotContent& metrics = one.known.slots.at({one.pipeline.find("quality"), 0});
  EXPECT_NE(metrics.value.find("\"accuracy\""), std::string::npos) << metrics.value;
}

TEST(WholePipeline, ScoreOfTheTestPartEqualsThePredictions) {
  const data::sample::Folder folder;
  Whole whole(1);
  whole.runAll();
  const auto id =
      whole.engine.writeBundle(whole.known, whole.pipeline.find("sky"), "{}", folder.path("sky.cd4mb"), whole.context);
  ASSERT_TRUE(id.ok()) << id.error().describe();
  ShowRequest show;
  show.node = whole.pipeline.find("day");
  show.slot = "test";
  show.output = folder.path("rows.csv");
  ASSERT_TRUE(whole.engine.show(whole.known, show, whole.context).ok());
  show.node = whole.pipeline.find("quality");
  show.slot = "predictions";
  show.output = folder.path("expected.csv");
  ASSERT_TRUE(whole.engine.show(whole.known, show, whole.context).ok());
  const ScoreRequest score{
      .bundle = folder.path("sky.cd4mb"), .input = folder.path("rows.csv"), .output = folder.path("scored.csv")};
  const auto summary = whole.engine.score(score, whole.context);
  ASSERT_TRUE(summary.ok()) << summary.error().describe();
  EXPECT_GT(summary->rows, 150U);
  EXPECT_EQ(lastColumns(fileText(folder.path("expected.csv")), 2), lastColumns(fileText(folder.path("scored.csv")), 2));
  // The champion on the current test rows: all of them, since it was trained on none.
  const auto judged =
      whole.engine.evaluateBundle(whole.known, whole.pipeline.find("quality"), folder.path("sky.cd4mb"), whole.context);
  ASSERT_TRUE(judged.ok()) << judged.error().describe();
  std::string own = whole.known.slots.at({whole.pipeline.find("quality"), 0}).value;
  // (Then the size of the bundle.)
  EXPECT_TRUE(judged->starts_with(own.substr(0, own.size() - 1) + ",\"left_out\":0,\"size\":")) << *judged;
}

TEST(WholePipeline, WhatIsStoredIsFoundByAnotherEngine) {
  const data::sample::Folder folder;
  auto cas = store::Cas::open(folder.path("cas"));
  ASSERT_TRUE(cas.ok());
  Whole first(1, *cas);
  first.runAll();
  Whole second(1, *cas);
  second.known.slots = first.known.slots;
  ShowRequest show;
  show.node = second.pipeline.find("day");
  show.slot = "train";
  // Without files: everything must come from the store.
  const auto shown = second.engine.show(second.known, show, second.context);
  ASSERT_TRUE(shown.ok()) << shown.error().describe();
  EXPECT_NE(shown->find("\"rows_total\":10"), std::string::npos) << shown->substr(0, 200);
}

}  // namespace
}  // namespace cd4ml::engine
