#include "runtime/release/rollout.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/release/decide.h"
#include "runtime/track/json.h"
#include "runtime/track/outbox.h"

namespace cd4ml::release {
namespace {

class RolloutTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-rollout-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    ledger_ = track::Ledger::open((folder_ / "ledger.db").string()).value();
    (void)decideRelease(*ledger_, request("b3:1", ""));
    began_ = decideRelease(*ledger_, request("b3:2", "b3:1")).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Request request(const std::string& id, const std::string& champion) {
    track::ModelVersion model{.scope = scope_, .model = "late", .id = id, .content = id, .run = "r-1", .bundle = "b"};
    return {.scope = scope_, .deploy = "production", .candidate = track::registerModel(*ledger_, model).value(), .gate = "release",
            .verdict = "pass", .champion_id = champion, .run = "r-" + id,
            .events = {{.event = "promoted", .channels = {channel_}}, {.event = "rolled_back", .channels = {channel_}}},
            .rollout = RolloutPlan{.steps = {{.rows = 100}, {.share = 0.1}, {.share = 0.5}}, .guards = effectiveGuards({}), .settle_us = 1'000'000}};
  }

  [[nodiscard]] Rollout now() { return currentRollout(*ledger_, scope_, "production").value().value(); }
  [[nodiscard]] std::string champion() { return track::championOf(*ledger_, scope_, "production").value()->id; }

  static Observation healthy(std::uint64_t rows) {
    Observation seen;
    seen.challenger.rows = rows;
    return seen;
  }

  /// Takes the move that follows from what was seen.
  Stage see(const Observation& seen, std::int64_t later_us = 0) {
    const Rollout rollout = now();
    const std::optional<Move> move = nextMove(rollout, seen, rollout.since_us + later_us);
    return move ? apply(*ledger_, rollout, *move, "server").value().stage : rollout.stage;
  }

  std::filesystem::path folder_;
  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_{.pipeline = "flights", .profile = "default"};
  Channel channel_{.notify = "ops", .channel = "command", .argv = {"cat"}};
  Outcome began_;
};

TEST_F(RolloutTest, GoesStepByStepAndChangesTheChampionOnce) {
  EXPECT_EQ(began_.action, Action::RollingOut);
  EXPECT_EQ(see(healthy(99)), Stage::Shadow);
  EXPECT_EQ(see(healthy(100)), Stage::Canary);
  EXPECT_DOUBLE_EQ(now().share(), 0.1);
  EXPECT_EQ(see(healthy(100)), Stage::Canary);
  EXPECT_DOUBLE_EQ(now().share(), 0.5);
  EXPECT_EQ(champion(), "b3:1");
  EXPECT_EQ(see(healthy(100)), Stage::Settling);
  EXPECT_EQ(champion(), "b3:2");
  EXPECT_EQ(see(healthy(100), 999'999), Stage::Settling);
  EXPECT_EQ(see(healthy(100), 1'000'000), Stage::Settled);
  EXPECT_EQ(track::championsOf(*ledger_, scope_, "production").value().size(), 2U);
  EXPECT_EQ(track::pendingMessages(*ledger_).value().size(), 2U);  // the first model at once, the second after its rollout
}

TEST_F(RolloutTest, ABrokenGuardEndsItAndTheChampionStays) {
  Observation seen = healthy(20);
  seen.challenger.errors = 20;
  EXPECT_EQ(see(seen), Stage::RolledBack);
  EXPECT_EQ(champion(), "b3:1");
  EXPECT_FALSE(nextMove(now(), seen, now().since_us).has_value());
  EXPECT_NE(now().why.find("error_rate"), std::string::npos);
}

TEST_F(RolloutTest, ASettlingChampionGoesBack) {
  for (int i = 0; i < 3; ++i) (void)see(healthy(100));
  ASSERT_EQ(champion(), "b3:2");
  Observation seen = healthy(10);
  seen.challenger.errors = 30;
  EXPECT_EQ(see(seen), Stage::RolledBack);
  EXPECT_EQ(champion(), "b3:1");
}

TEST_F(RolloutTest, MissingDataWaitsAndIsHeldAtTheDeadline) {
  EXPECT_EQ(see({}, 86'399'000'000), Stage::Shadow);
  EXPECT_EQ(see({}, 86'400'000'000), Stage::Held);
  EXPECT_EQ(approveRollout(*ledger_, now(), {.by = "anna", .why = "looked at it"}).value().stage, Stage::Settling);
  EXPECT_EQ(champion(), "b3:2");
}

TEST_F(RolloutTest, OfTwoThatDecideOneActs) {
  const Rollout seen = now();
  const Move move = nextMove(seen, healthy(100), seen.since_us).value();
  EXPECT_EQ(apply(*ledger_, seen, move, "server").value().step, 1U);
  EXPECT_EQ(rejectRollout(*ledger_, seen, {.by = "anna", .why = "too early"}).value().stage, Stage::Canary);
  EXPECT_EQ(rolloutsOf(*ledger_, scope_, "production").value().size(), 2U);
}

TEST_F(RolloutTest, PeoplePauseResumeAndReject) {
  (void)see(healthy(100));
  EXPECT_EQ(pauseRollout(*ledger_, now(), {.by = "anna", .why = "holiday"}).value().stage, Stage::Paused);
  EXPECT_DOUBLE_EQ(now().share(), 0);
  EXPECT_FALSE(nextMove(now(), healthy(100), now().since_us).has_value());
  EXPECT_EQ(approveRollout(*ledger_, now(), {.by = "anna", .why = "back"}).value().stage, Stage::Canary);
  EXPECT_DOUBLE_EQ(now().share(), 0.1);
  EXPECT_EQ(rejectRollout(*ledger_, now(), {.by = "anna", .why = "no"}).value().stage, Stage::Rejected);
  EXPECT_EQ(pauseRollout(*ledger_, now(), {}).error().code, "CD6007");
}

TEST_F(RolloutTest, ANewerChallengerSupersedes) {
  EXPECT_EQ(decideRelease(*ledger_, request("b3:2", "b3:1")).value().rollout->id, began_.rollout->id);
  EXPECT_EQ(decideRelease(*ledger_, request("b3:3", "b3:1")).value().rollout->challenger.id, "b3:3");
  const std::vector<Rollout> all = rolloutsOf(*ledger_, scope_, "production").value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[1].stage, Stage::Rejected);
}

}  // namespace
}  // namespace cd4ml::release
