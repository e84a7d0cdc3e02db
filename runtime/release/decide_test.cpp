#include "runtime/release/decide.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/release/message.h"
#include "runtime/track/json.h"

namespace cd4ml::release {
namespace {

class DecideTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-decide-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    ledger_ = track::Ledger::open((folder_ / "ledger.db").string()).value();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Request request(const std::string& id, const std::string& verdict, const std::string& champion) {
    track::ModelVersion model{.scope = scope_, .model = "late", .id = id, .content = id, .run = "r-1", .bundle = "b"};
    return {.scope = scope_, .deploy = "production", .candidate = track::registerModel(*ledger_, model).value(),
            .gate = "release", .verdict = verdict,
            .gate_event = R"({"checks":[{"text":"auc >= 0.9","value":0.68,"limit":0.9,"verdict":"fail"}]})",
            .champion_id = champion, .channels = {{.notify = "ops", .channel = "command", .argv = {"cat"}}}};
  }

  std::filesystem::path folder_;
  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_{.pipeline = "flights", .profile = "default"};
};

TEST_F(DecideTest, AModelThatPassedBecomesChampionOnce) {
  EXPECT_EQ(decideRelease(*ledger_, request("b3:1", "pass", "")).value().action, Action::Promoted);
  EXPECT_EQ(decideRelease(*ledger_, request("b3:1", "pass", "b3:1")).value().action, Action::AlreadyChampion);
  EXPECT_EQ(track::championsOf(*ledger_, scope_, "production").value().size(), 1U);
  EXPECT_TRUE(track::pendingMessages(*ledger_).value().empty());
}

TEST_F(DecideTest, AHeldModelLeavesTheChampionAndQueuesOneMessageAVerdict) {
  (void)decideRelease(*ledger_, request("b3:1", "pass", ""));
  const Outcome held = decideRelease(*ledger_, request("b3:2", "held", "b3:1")).value();
  EXPECT_EQ(held.action, Action::Held);
  EXPECT_EQ(held.messages, 1U);
  EXPECT_EQ(held.champion->id, "b3:1");
  EXPECT_EQ(decideRelease(*ledger_, request("b3:2", "held", "b3:1")).value().messages, 0U);
  EXPECT_EQ(track::pendingMessages(*ledger_).value().size(), 1U);
  Request stricter = request("b3:2", "held", "b3:1");
  stricter.gate_event = R"({"checks":[{"text":"auc >= 0.91","value":0.68,"limit":0.91,"verdict":"fail"}]})";
  EXPECT_EQ(decideRelease(*ledger_, stricter).value().messages, 1U);
}

TEST_F(DecideTest, AVerdictAgainstAnotherChampionIsStale) {
  (void)decideRelease(*ledger_, request("b3:1", "pass", ""));
  EXPECT_EQ(decideRelease(*ledger_, request("b3:2", "pass", "")).value().action, Action::Stale);
  EXPECT_EQ(track::championOf(*ledger_, scope_, "production").value()->id, "b3:1");
}

TEST_F(DecideTest, AnOverrideReleasesAndIsRecorded) {
  Request forced = request("b3:1", "held", "");
  forced.override_reason = "the old one is worse";
  EXPECT_EQ(decideRelease(*ledger_, forced).value().action, Action::Overridden);
  const auto champion = track::championOf(*ledger_, scope_, "production").value();
  EXPECT_EQ(champion->how, "override");
  EXPECT_EQ(champion->reason, "the old one is worse");
}

TEST_F(DecideTest, RollBackGoesToTheChampionBefore) {
  EXPECT_EQ(rollBack(*ledger_, scope_, "production", {.by = "anna", .why = ""}).error().code, "CD6004");
  (void)decideRelease(*ledger_, request("b3:1", "pass", ""));
  (void)decideRelease(*ledger_, request("b3:2", "pass", "b3:1"));
  EXPECT_EQ(rollBack(*ledger_, scope_, "production", {.by = "anna", .why = ""}).value().champion->id, "b3:1");
}

TEST_F(DecideTest, PromotingWhatDidNotPassNeedsAReason) {
  const auto model = request("b3:1", "held", "").candidate;
  EXPECT_EQ(promote(*ledger_, model, "production", "", "anna").error().code, "CD6006");
  EXPECT_EQ(promote(*ledger_, model, "production", "tried by hand", "anna").value().action, Action::Overridden);
}

TEST_F(DecideTest, TheMessageSaysWhatFailedByHowMuchAndWhatToTypeNext) {
  const Request held = request("b3:1", "held", "");
  const track::Message message = heldMessage(held, std::nullopt, held.channels[0], 0);
  const track::Json body = track::parseJson(message.body);
  const std::string text = track::textOf(body["data"], "text");
  EXPECT_EQ(track::textOf(body, "id"), message.id);
  for (const char* part : {"late@1", "auc >= 0.9", "0.68", "0.22", "cd4mlc deploy production --override"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  }
}

}  // namespace
}  // namespace cd4ml::release
