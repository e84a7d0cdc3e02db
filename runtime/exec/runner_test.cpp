#include "runtime/exec/runner.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/ir/text.h"
#include "runtime/exec/fake_engine_test.h"
#include "runtime/exec/keep_models.h"
#include "runtime/track/models.h"

namespace cd4ml::exec {
namespace {

// Two sources, so that there is something to run at once; a gate that two deploys use.
const char* const program = R"(pipeline flights

#0 source flights
  column delay : float
  column distance : float
  reader csv
  path "flights.csv"

#1 source airports
  column code : float
  reader csv
  path "airports.csv"

#2 table labelled
  column delay : float
  column distance : float
  from #0
  variables 2
  outputs [0, 1]

#3 features trip
  column distance : float
  column twice : float
  column late : bool
  from #2
  %0 : float = input 0
  %1 : float = input 1
  %2 : float = call add_ff(%1, %1)
  %3 : bool = call gt_ff(%0, %1)
  feature %1
  feature %2
  target %3

#4 model late
  algorithm gbdt
  features #3
  task binary
  target_type bool
  option trees = 200

#5 evaluate quality
  model #4
  part train
  metric auc as auc by [] min 0

#6 gate release
  on #5
  require (1.0 * metric candidate whole 0 0) >= (1.0 * constant 0.65) "auc >= 0.65"
  require (1.0 * metric candidate whole 0 0) >= (1.0 * metric champion whole 0 0) "auc >= champion.auc"
  hold

#7 deploy production
  model #4
  gate #6

#8 deploy shadow
  model #4
  gate #6
)";

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-runner-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "state" / "bundles");
    write("flights.csv", "one 1");
    write("airports.csv", "two 1");
    engine_.log = (folder_ / "log").string();
    open();
    use(program);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void open() {
    config_.folder = folder_.string();
    config_.jobs = 2;
    config_.cancelled = &cancelled_;
    config_.engine = [this]() -> Result<engine::Engine*> {
      ++opened_;
      return &engine_;
    };
    config_.cache = store::CacheDb::open((folder_ / "state/cache.db").string()).value();
    config_.locks = store::KeyLocks::open((folder_ / "state/locks").string()).value();
  }
  void use(const std::string& text) {
    Result<ir::Pipeline> parsed = ir::parsePipeline(text);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    pipeline_ = std::move(*parsed);
  }
  void replace(const std::string& old, const std::string& fresh) {
    std::string text = program;
    ASSERT_NE(text.find(old), std::string::npos);
    use(text.replace(text.find(old), old.size(), fresh));
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }

  RunOutcome run(const std::vector<ir::NodeId>& targets = {}) { return runPipeline(pipeline_, targets, config_, {}); }

  std::map<std::string, std::string> statuses(const RunOutcome& outcome) const {
    std::map<std::string, std::string> result;
    for (const StageResult& stage : outcome.stages) result[pipeline_[stage.node].name] = std::string(statusText(stage.status));
    return result;
  }
  std::vector<std::string> ran(const RunOutcome& outcome) const {
    std::vector<std::string> names;
    for (const auto& [name, status] : statuses(outcome)) {
      if (status == "ran") names.push_back(name);
    }
    return names;
  }
  std::map<std::string, int> logged() const {
    std::map<std::string, int> lines;
    std::ifstream log(engine_.log);
    for (std::string line; std::getline(log, line);) ++lines[line];
    return lines;
  }
  static std::map<std::string, std::string> contents(const ir::Pipeline& pipeline, const RunOutcome& outcome) {
    std::map<std::string, std::string> result;
    for (const StageResult& stage : outcome.stages) result[pipeline[stage.node].name] = stage.content().text();
    return result;
  }

  std::filesystem::path folder_;
  FakeEngine engine_;
  int opened_ = 0;
  std::atomic<bool> cancelled_ = false;
  RunnerConfig config_;
  ir::Pipeline pipeline_;
};

using Names = std::vector<std::string>;

TEST_F(RunnerTest, RunsEverythingOnceAndThenNothing) {
  const RunOutcome first = run();
  EXPECT_FALSE(first.failed);
  EXPECT_EQ(ran(first), (Names{"airports", "flights", "labelled", "late", "quality", "release", "trip"}));
  const int opened = opened_;
  const RunOutcome again = run();
  EXPECT_EQ(ran(again), Names{});
  EXPECT_EQ(opened_, opened) << "the engine is not asked for";
  EXPECT_EQ(contents(pipeline_, again), contents(pipeline_, first));
}

TEST_F(RunnerTest, AFileWithOtherBytesAndTheSameColumnsStopsTheWaveAtTheSource) {
  run();
  write("flights.csv", "one 2");
  EXPECT_EQ(ran(run()), Names{"flights"});
  write("flights.csv", "three 2");
  const Names everything_below = ran(run());
  EXPECT_EQ(everything_below, (Names{"flights", "labelled", "late", "quality", "release", "trip"}));
}

TEST_F(RunnerTest, AChangedFeatureRunsAloneAndWhatFollowsFromIt) {
  run();
  replace("call add_ff(%1, %1)", "call mul_ff(%1, %1)");
  const RunOutcome outcome = run();
  EXPECT_EQ(ran(outcome), (Names{"late", "quality", "release", "trip"}));
  for (const StageResult& stage : outcome.stages) {
    if (pipeline_[stage.node].name != "trip") continue;
    EXPECT_EQ(stage.slotsRan(), 1U);
    EXPECT_EQ(stage.slots.size(), 3U);
    EXPECT_FALSE(stage.reason.empty());
  }
}

TEST_F(RunnerTest, AChangedLimitDecidesTheGateAlone) {
  run();
  replace("constant 0.65", "constant 0.75");
  const RunOutcome outcome = run();
  EXPECT_EQ(ran(outcome), Names{"release"});
  EXPECT_TRUE(outcome.held());
}

TEST_F(RunnerTest, AGateIsJudgedForEachDeploy) {
  std::ofstream(folder_ / "champion.cd4mb") << "x";
  config_.champions["production"] = {.id = Hasher("m").finish(), .bundle = (folder_ / "champion.cd4mb").string()};
  engine_.champion_auc = 0.72;
  const RunOutcome outcome = run();
  ASSERT_EQ(outcome.gates().size(), 2U);
  EXPECT_EQ(outcome.gates()[0]->result.verdict, GateVerdict::Held);
  EXPECT_EQ(outcome.gates()[0]->result.checks[1].limit, 0.72);
  EXPECT_EQ(outcome.gates()[1]->result.verdict, GateVerdict::Pass);
  EXPECT_EQ(outcome.gates()[1]->result.checks[1].verdict, CheckVerdict::FirstRelease);
}

TEST_F(RunnerTest, AChampionThatCannotBeScoredIsInconclusive) {
  config_.champions["production"] = {.id = Hasher("m").finish(), .bundle = "/nowhere"};
  const RunOutcome outcome = run();
  EXPECT_EQ(outcome.gates()[0]->result.verdict, GateVerdict::Inconclusive);
  EXPECT_NE(outcome.gates()[0]->result.checks[1].reason.find("the bundle is gone"), std::string::npos);
}

TEST_F(RunnerTest, AFailureSkipsWhatIsBelowAndIsNeverCached) {
  engine_.failing = {"labelled"};
  config_.keep_going = true;
  const RunOutcome outcome = run();
  EXPECT_TRUE(outcome.failed);
  EXPECT_EQ(statuses(outcome)["labelled"], "failed");
  EXPECT_EQ(statuses(outcome)["airports"], "ran");
  for (const char* name : {"trip", "late", "quality", "release"}) EXPECT_EQ(statuses(outcome)[name], "skipped") << name;
  engine_.failing.clear();
  EXPECT_EQ(ran(run()), (Names{"labelled", "late", "quality", "release", "trip"}));
}

TEST_F(RunnerTest, AMissingFileIsALocatedErrorBeforeAnythingRuns) {
  std::filesystem::remove(folder_ / "flights.csv");
  const RunOutcome outcome = run();
  ASSERT_TRUE(outcome.failed);
  EXPECT_EQ(outcome.stages[0].error->code, "CD5001");
  EXPECT_NE(outcome.stages[0].error->message.find("flights.csv"), std::string::npos);
  EXPECT_EQ(opened_, 0);
}

TEST_F(RunnerTest, IndependentStagesRunAtOnce) {
  engine_.pause = std::chrono::milliseconds(100);
  run();
  EXPECT_EQ(engine_.most_at_once, 2);
}

TEST_F(RunnerTest, TargetsBringOnlyWhatTheyNeed) {
  const RunOutcome outcome = run({pipeline_.find("labelled")});
  EXPECT_EQ(ran(outcome), (Names{"flights", "labelled"}));
  EXPECT_EQ(ran(run({pipeline_.find("production")})), (Names{"late", "quality", "release", "trip"}));
}

TEST_F(RunnerTest, CancellingStartsNothingNew) {
  cancelled_ = true;
  const RunOutcome outcome = run();
  EXPECT_TRUE(outcome.cancelled);
  EXPECT_EQ(ran(outcome), Names{});
  EXPECT_EQ(statuses(outcome)["trip"], "cancelled");
  cancelled_ = false;
  EXPECT_EQ(ran(run()).size(), 7U);
}

TEST_F(RunnerTest, FourProcessesRunEachKeyOnce) {
  engine_.pause = std::chrono::milliseconds(20);
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      open();
      _exit(run().failed ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  const auto lines = logged();
  EXPECT_FALSE(lines.empty());
  for (const auto& [line, count] : lines) EXPECT_EQ(count, 1) << line;
}

TEST_F(RunnerTest, AKilledRunLeavesNothingInTheWay) {
  const auto clean = contents(pipeline_, run());
  for (const int delay_ms : {1, 15, 35, 60, 90}) {
    std::filesystem::remove_all(folder_ / "state");
    std::filesystem::create_directories(folder_ / "state");
    open();
    engine_.pause = std::chrono::milliseconds(20);
    const pid_t child = fork();
    if (child == 0) {
      open();
      run();
      _exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    engine_.pause = std::chrono::milliseconds(0);
    const RunOutcome after = run();
    EXPECT_FALSE(after.failed);
    EXPECT_EQ(contents(pipeline_, after), clean) << delay_ms;
  }
}

TEST_F(RunnerTest, ModelsGetAVersionAndABundleWithEvidenceOnce) {
  const auto ledger = track::Ledger::open((folder_ / "state/ledger.db").string()).value();
  const KeepSetting setting{.scope = {.pipeline = "flights", .profile = "default"}, .run = "r-1", .state = (folder_ / "state").string()};
  RunOutcome outcome = run();
  const auto models = keepModels(pipeline_, outcome, config_, *ledger, setting).value();
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].label(), "late@1");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "state" / models[0].bundle));
  EXPECT_NE(models[0].evidence.find("auc >= 0.65"), std::string::npos);
  outcome = run();
  (void)keepModels(pipeline_, outcome, config_, *ledger, setting).value();
  EXPECT_EQ(engine_.bundles, 1) << "the same evidence is not written again";
  replace("constant 0.65", "constant 0.75");
  config_.champions["production"] = {.id = *Digest::parse(models[0].id), .bundle = "champion"};
  outcome = run();
  EXPECT_EQ(keepModels(pipeline_, outcome, config_, *ledger, setting).value()[0].evidence, models[0].evidence)
      << "a champion keeps what it was released on";
  config_.champions.clear();
  outcome = run();
  EXPECT_NE(keepModels(pipeline_, outcome, config_, *ledger, setting).value()[0].evidence, models[0].evidence);
  replace("trees = 200", "trees = 300");
  outcome = run();
  EXPECT_EQ(keepModels(pipeline_, outcome, config_, *ledger, setting).value()[0].label(), "late@2");
}

}  // namespace
}  // namespace cd4ml::exec
