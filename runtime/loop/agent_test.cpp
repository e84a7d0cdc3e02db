#include "runtime/loop/agent.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/release/decide.h"
#include "runtime/track/json.h"

namespace cd4ml::loop {
namespace {

constexpr std::int64_t hour = 3'600'000'000;

/// A world without data: what a look finds and what a deploy comes to are given.
class FakeWorld : public World {
 public:
  std::int64_t now() const override { return clock; }
  Status look(const std::string&) override {
    const Status recorded = track::recordWindows(*ledger, found);
    found.clear();
    return recorded;
  }
  Result<Released> deploy(const std::string&) override {
    ++deploys;
    if (to_do) to_do();
    return released;
  }
  Status deliver() override { return Done{}; }
  bool stopped() const override { return kill_switch; }
  bool cancelled() const override { return false; }
  void tell(const Loop& loop) override { told.push_back(loop.state); }

  std::shared_ptr<track::Ledger> ledger;
  std::int64_t clock = track::nowMicroseconds();
  std::vector<track::WindowRecord> found;
  Released released{.kind = Released::Kind::Promoted, .model = "late@2"};
  std::function<void()> to_do;
  int deploys = 0;
  bool kill_switch = false;
  std::vector<State> told;
};

class AgentTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-loop-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    ledger_ = track::Ledger::open((folder_ / "ledger.db").string()).value();
    world_.ledger = ledger_;
    watch_.body.cooldown_us = hour;
    watch_.body.rules = {{.event = "drift", .actions = {{.verb = "retrain"}, {.verb = "notify"}}}, {.event = "quality", .actions = {{.verb = "hold"}}}};
    watch_.channels = {{ops_}, {}};
    watch_.held = {ops_};
    crown("b3:1");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void crown(const std::string& id, const std::string& by = "anna") {
    const track::ModelVersion model{.scope = scope_, .model = "late", .id = id, .content = id, .run = "r-1", .bundle = "b"};
    const auto champion = track::championOf(*ledger_, scope_, "production").value();
    release::Request request{.scope = scope_, .deploy = "production", .candidate = track::registerModel(*ledger_, model).value(), .verdict = "pass",
                             .champion_id = champion ? champion->id : "", .run = "r-" + id, .by = by};
    ASSERT_TRUE(release::decideRelease(*ledger_, request).ok());
  }

  void find(const std::string& id, std::vector<std::string> events, const std::string& model = "late@1") {
    world_.found.push_back({.scope = scope_, .subject = "production", .monitor = "health", .id = id, .model = model, .rows = 600,
                            .verdict = events.empty() ? "ok" : "alarm", .events = std::move(events)});
  }

  void round() {
    Agent agent(ledger_, scope_, {watch_}, world_);
    const Status done = agent.round();
    ASSERT_TRUE(done.ok()) << done.error().describe();
  }
  [[nodiscard]] Loop loop() { return currentLoop(*ledger_, scope_, "health", "production").value(); }
  [[nodiscard]] std::size_t messages() { return track::pendingMessages(*ledger_).value().size(); }

  std::filesystem::path folder_;
  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_{.pipeline = "flights", .profile = "default"};
  release::Channel ops_{.notify = "ops", .channel = "command", .argv = {"cat"}};
  Watch watch_{.monitor = "health", .subject = "production", .of_deploy = true};
  FakeWorld world_;
};

TEST_F(AgentTest, QuietWindowsDoNothing) {
  find("w-1", {});
  round();
  EXPECT_EQ(loop().epoch, 0);
  EXPECT_EQ(messages(), 0U);
}

TEST_F(AgentTest, DriftRetrainsOnceAndTellsOnce) {
  find("w-1", {"drift"});
  round();
  round();
  EXPECT_EQ(world_.deploys, 1);
  EXPECT_EQ(messages(), 1U);
  EXPECT_EQ(loop().state, State::Cooling);
  EXPECT_EQ(world_.told, (std::vector<State>{State::Retraining, State::Cooling}));
}

TEST_F(AgentTest, NothingIsRetrainedWhileItCools) {
  find("w-1", {"drift"});
  round();
  find("w-2", {"drift"});
  round();
  EXPECT_EQ(world_.deploys, 1);
  EXPECT_EQ(messages(), 2U);
  world_.clock += 2 * hour;
  find("w-3", {"drift"});
  round();
  EXPECT_EQ(world_.deploys, 2);
}

TEST_F(AgentTest, AHeldModelDoublesTheCoolDown) {
  world_.released = {.kind = Released::Kind::Held, .model = "late@2", .why = "auc is 0.6"};
  find("w-1", {"drift"});
  round();
  EXPECT_EQ(loop().state, State::Held);
  EXPECT_EQ(loop().until_us, world_.clock + 2 * hour);
}

TEST_F(AgentTest, AFailureIsTriedThriceAndTold) {
  world_.released = {.kind = Released::Kind::Failed, .why = "stage `late` failed"};
  find("w-1", {"drift"});
  round();
  EXPECT_EQ(world_.deploys, 3);
  EXPECT_EQ(loop().state, State::Held);
  EXPECT_EQ(messages(), 2U);
}

TEST_F(AgentTest, DataThatFailsItsChecksIsNotTriedAgain) {
  world_.released = {.kind = Released::Kind::Refused, .why = "error[CD5012]: `check delay > -120min` does not hold"};
  find("w-1", {"drift"});
  round();
  EXPECT_EQ(world_.deploys, 1);
  EXPECT_EQ(loop().state, State::Held);
  EXPECT_EQ(messages(), 2U);
}

TEST_F(AgentTest, BadDataTrainsNothing) {
  find("w-1", {"data", "drift"});
  round();
  EXPECT_EQ(world_.deploys, 0);
  EXPECT_EQ(messages(), 1U);
  EXPECT_EQ(loop().epoch, 0);
}

TEST_F(AgentTest, TheKillSwitchStopsRetraining) {
  world_.kill_switch = true;
  find("w-1", {"drift"});
  round();
  EXPECT_EQ(world_.deploys, 0);
}

TEST_F(AgentTest, EvidenceOfAnEarlierChampionRetrainsNothing) {
  crown("b3:2");
  find("w-1", {"drift"}, "late@1");
  round();
  EXPECT_EQ(world_.deploys, 0);
}

TEST_F(AgentTest, ARetrainingThatWasKilledAfterItsReleaseIsNotReleasedTwice) {
  find("w-1", {"drift"});
  // The release becomes durable, then the agent dies: the next one finds it.
  world_.to_do = [&] { crown("b3:2", "agent"); };
  world_.released = {.kind = Released::Kind::Failed, .why = "killed"};
  round();
  EXPECT_EQ(world_.deploys, 1);
  EXPECT_EQ(loop().state, State::Cooling);
  EXPECT_EQ(loop().model, "late@2");
  EXPECT_EQ(track::championsOf(*ledger_, scope_, "production").value().size(), 2U);
}

TEST_F(AgentTest, TheBudgetEnds) {
  watch_.body.cooldown_us = 0;
  watch_.body.budget = 2;
  watch_.body.budget_us = 24 * hour;
  for (int i = 0; i < 4; ++i) {
    find("w-" + std::to_string(i), {"drift"});
    world_.clock += hour;
    round();
  }
  EXPECT_EQ(world_.deploys, 2);
}

TEST_F(AgentTest, TimeAndLabelsAreTriggersToo) {
  watch_.body.rules = {{.event = "every", .limit = 24 * hour, .actions = {{.verb = "retrain"}}},
                       {.event = "labels", .limit = 1000, .actions = {{.verb = "retrain"}}}};
  watch_.channels = {{}, {}};
  watch_.body.cooldown_us = 0;
  round();
  EXPECT_EQ(world_.deploys, 0);
  world_.clock += 25 * hour;
  round();
  round();
  EXPECT_EQ(world_.deploys, 1);
  find("w-1", {});
  world_.found[0].labels = 1200;
  round();
  round();
  EXPECT_EQ(world_.deploys, 2);
}

TEST_F(AgentTest, ARolloutIsFollowedToItsEnd) {
  world_.to_do = [&] {
    const track::ModelVersion model{.scope = scope_, .model = "late", .id = "b3:2", .content = "b3:2", .run = "r-2", .bundle = "b"};
    release::Request request{.scope = scope_, .deploy = "production", .candidate = track::registerModel(*ledger_, model).value(), .verdict = "pass",
                             .champion_id = "b3:1", .run = "r-2", .rollout = release::RolloutPlan{.steps = {{.share = 0.5}}}, .by = "agent"};
    world_.released = {.kind = Released::Kind::RollingOut, .model = "late@2", .rollout = release::decideRelease(*ledger_, request).value().rollout->id};
  };
  find("w-1", {"drift"});
  round();
  EXPECT_EQ(loop().state, State::RollingOut);
  const release::Rollout rollout = release::currentRollout(*ledger_, scope_, "production").value().value();
  ASSERT_TRUE(release::apply(*ledger_, rollout, {.stage = release::Stage::RolledBack, .why = "errors", .evidence = "{}"}, "server").ok());
  round();
  EXPECT_EQ(loop().state, State::Held);
  EXPECT_EQ(loop().holds, 1);
}

TEST_F(AgentTest, OfTwoAgentsOneActs) {
  const Loop seen = loop();
  Loop next = seen;
  next.state = State::Cooling;
  EXPECT_EQ(transit(*ledger_, seen, next).value().epoch, 1);
  next.state = State::Held;
  EXPECT_EQ(transit(*ledger_, seen, next).value().state, State::Cooling);
}

}  // namespace
}  // namespace cd4ml::loop
