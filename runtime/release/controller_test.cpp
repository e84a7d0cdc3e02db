#include "runtime/release/controller.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/release/decide.h"
#include "runtime/release/live_server.h"

namespace cd4ml::release {
namespace {

using Change = RolloutControl::Ledger;

class ControllerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-control-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    ledger_ = track::Ledger::open((folder_ / "ledger.db").string()).value();
    control_ = std::make_unique<LedgerControl>(ledger_, scope_, "production");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void release(const std::string& id, const std::string& champion) {
    track::ModelVersion model{.scope = scope_, .model = "late", .id = id, .content = id, .run = "r-1", .bundle = id};
    const Request request{.scope = scope_, .deploy = "production", .candidate = track::registerModel(*ledger_, model).value(),
                          .verdict = "pass", .champion_id = champion, .run = "r-" + id,
                          .rollout = RolloutPlan{.steps = {{.rows = 100}, {.share = 0.1}}, .guards = effectiveGuards({})}};
    ASSERT_TRUE(decideRelease(*ledger_, request).ok());
  }

  static ServingCounters counters(std::uint64_t champion, std::uint64_t challenger, std::uint64_t errors = 0) {
    ServingCounters out;
    out.champion = ArmCounters{.id = "b3:1", .requests = champion, .rows = champion};
    out.challenger = ArmCounters{.id = "b3:2", .requests = challenger, .rows = challenger, .errors = errors};
    return out;
  }

  Routing look(const ServingCounters& seen, const RoutingOutcome& last = {.in_force = true}) {
    return control_->control(seen, last, Change::Changed).value();
  }

  std::filesystem::path folder_;
  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_{.pipeline = "flights", .profile = "default"};
  std::unique_ptr<LedgerControl> control_;
};

TEST_F(ControllerTest, RoutesNothingWithoutAChampionAndTheChampionAloneWithoutARollout) {
  EXPECT_FALSE(look({}).champion.has_value());
  release("b3:1", "");
  EXPECT_EQ(look({}).champion->label, "late@1");
  EXPECT_EQ(look({}).mode, ChallengerMode::None);
}

TEST_F(ControllerTest, CountsFromTheMomentAStepServes) {
  release("b3:1", "");
  release("b3:2", "b3:1");
  EXPECT_EQ(look(counters(1000, 500), {.in_force = false}).mode, ChallengerMode::Shadow);
  EXPECT_EQ(look(counters(1000, 500)).mode, ChallengerMode::Shadow);   // counting begins
  EXPECT_EQ(look(counters(1100, 599)).mode, ChallengerMode::Shadow);
  EXPECT_EQ(look(counters(1100, 600)).mode, ChallengerMode::Canary);
  EXPECT_EQ(look(counters(2100, 900)).share, 0.1);                     // its own count begins
  const Routing done = look(counters(2200, 1000));
  EXPECT_EQ(done.mode, ChallengerMode::None);
  EXPECT_EQ(done.champion->id, "b3:2");
}

TEST_F(ControllerTest, ErrorsOfTheChallengerEndItAtOnce) {
  release("b3:1", "");
  release("b3:2", "b3:1");
  (void)look(counters(0, 0));
  EXPECT_EQ(look(counters(10, 5, 5)).mode, ChallengerMode::None);
  EXPECT_EQ(currentRollout(*ledger_, scope_, "production").value()->stage, Stage::RolledBack);
}

TEST_F(ControllerTest, AModelThatDoesNotLoadIsRolledBack) {
  release("b3:1", "");
  release("b3:2", "b3:1");
  (void)look({});
  EXPECT_FALSE(look({}, {.failure = makeError("CD5601", "damaged")}).challenger.has_value());
}

TEST_F(ControllerTest, ALivingServerIsSeenUntilItEnds) {
  EXPECT_FALSE(liveServer(folder_.string(), scope_, "production").has_value());
  {
    const auto lock = ServerLock::acquire(folder_.string(), scope_, "production").value();
    ASSERT_TRUE(lock.has_value());
    ASSERT_TRUE(lock->tell("127.0.0.1:8080").ok());
    EXPECT_FALSE(ServerLock::acquire(folder_.string(), scope_, "production").value().has_value());
    EXPECT_TRUE(liveServer(folder_.string(), scope_, "production")->starts_with("127.0.0.1:8080 pid "));
  }
  EXPECT_FALSE(liveServer(folder_.string(), scope_, "production").has_value());
}

}  // namespace
}  // namespace cd4ml::release
