#include "runtime/track/ledger.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include "runtime/track/models.h"
#include "runtime/track/outbox.h"
#include "runtime/track/runs.h"

namespace cd4ml::track {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-ledger-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    path_ = (folder_ / "ledger.db").string();
    ledger_ = Ledger::open(path_).value();
  }
  void TearDown() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }
  void tamper(const char* statement) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
  }
  ModelVersion model(const std::string& id, const std::string& evidence = R"({"n":1})") {
    return {.scope = scope_, .model = "late", .id = id, .content = id, .run = "r", .bundle = "bundles/x", .evidence = evidence};
  }

  std::filesystem::path folder_;
  std::string path_;
  std::shared_ptr<Ledger> ledger_;
  Scope scope_{.pipeline = "flights", .profile = "default"};
};

TEST_F(LedgerTest, KeepsEntriesInOrderAndTheChainHolds) {
  ASSERT_TRUE(ledger_->transact([](Ledger::Transaction& t) -> Status {
    CD4ML_TRY_VOID(t.append("a", "x", "1"));
    return t.append("a", "y", "2");
  }).ok());
  const auto all = ledger_->read("a").value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].body, "2");
  EXPECT_EQ(ledger_->read("a", "x").value().size(), 1U);
  EXPECT_FALSE(ledger_->verify().value().has_value());
}

TEST_F(LedgerTest, AFailedTransactionLeavesNothing) {
  const Status status = ledger_->transact([](Ledger::Transaction& t) -> Status {
    CD4ML_TRY_VOID(t.append("a", "x", "1"));
    return makeError("CD6001", "no");
  });
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(ledger_->read("a").value().empty());
}

TEST_F(LedgerTest, VerifyFindsAChangedAndAMissingEntry) {
  for (const char* body : {"1", "2", "3"}) {
    ASSERT_TRUE(ledger_->transact([&](Ledger::Transaction& t) { return t.append("a", "x", body); }).ok());
  }
  tamper("UPDATE journal SET body = '20' WHERE sequence = 2");
  EXPECT_EQ(ledger_->verify().value(), 2);
  tamper("UPDATE journal SET body = '2' WHERE sequence = 2");
  EXPECT_FALSE(ledger_->verify().value().has_value());
  tamper("DELETE FROM journal WHERE sequence = 1");
  EXPECT_EQ(ledger_->verify().value(), 2);
}

TEST_F(LedgerTest, VersionsAreGivenWhenAModelIdFirstAppears) {
  EXPECT_EQ(registerModel(*ledger_, model("b3:1")).value().version, 1);
  EXPECT_EQ(registerModel(*ledger_, model("b3:2")).value().version, 2);
  EXPECT_EQ(registerModel(*ledger_, model("b3:1", R"({"n":2})")).value().version, 1);
  const auto models = listModels(*ledger_, scope_).value();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].evidence, R"({"n":2})");
  EXPECT_EQ(findModel(*ledger_, scope_, "late").value()->version, 2);
  EXPECT_EQ(findModel(*ledger_, scope_, "late@1").value()->id, "b3:1");
  EXPECT_FALSE(findModel(*ledger_, scope_, "late@3").value().has_value());
  EXPECT_TRUE(listModels(*ledger_, {.pipeline = "flights", .profile = "big"}).value().empty());
}

TEST_F(LedgerTest, TheChampionIsTheNewestOfItsDeploy) {
  for (const std::int64_t version : {1, 2}) {
    ASSERT_TRUE(ledger_->transact([&](Ledger::Transaction& t) {
      return appendChampion(t, {.scope = scope_, .deploy = "production", .model = "late", .version = version, .id = "b3:x"});
    }).ok());
  }
  EXPECT_EQ(championOf(*ledger_, scope_, "production").value()->label(), "late@2");
  EXPECT_FALSE(championOf(*ledger_, scope_, "canary").value().has_value());
  EXPECT_EQ(listChampions(*ledger_, scope_).value().size(), 1U);
}

TEST_F(LedgerTest, OneMessageAKeyUntilItIsDelivered) {
  const Message message{.id = "d-1", .key = "k", .notify = "ops", .channel = "command", .options = {{"key", "secret:K"}},
                        .argv = {"cat"}, .body = "{}"};
  for (const bool fresh : {true, false}) {
    ASSERT_TRUE(ledger_->transact([&](Ledger::Transaction& t) -> Status {
      CD4ML_TRY(const bool queued, queueMessage(t, message));
      EXPECT_EQ(queued, fresh);
      return Done{};
    }).ok());
  }
  ASSERT_EQ(pendingMessages(*ledger_).value().size(), 1U);
  EXPECT_EQ(pendingMessages(*ledger_).value()[0].options[0].second, "secret:K");
  ASSERT_TRUE(recordAttempt(*ledger_, message, Outcome::Retry, "no").ok());
  EXPECT_EQ(pendingMessages(*ledger_).value()[0].attempts, 1);
  ASSERT_TRUE(recordAttempt(*ledger_, message, Outcome::Delivered, "HTTP 200").ok());
  EXPECT_TRUE(pendingMessages(*ledger_).value().empty());
}

TEST_F(LedgerTest, ARunWithoutAnEndWasInterrupted) {
  ASSERT_TRUE(beginRun(*ledger_, {.id = "r-1", .scope = scope_, .command = "run", .file = "/a/main.cd4ml", .params = "{}"}).ok());
  ASSERT_TRUE(beginRun(*ledger_, {.id = "r-2", .scope = scope_, .command = "run", .file = "/a/main.cd4ml", .params = "{}"}).ok());
  ASSERT_TRUE(endRun(*ledger_, {.id = "r-1", .event = R"({"status":"ok"})", .stages = {"{}"}, .metrics = {}, .gates = {}}).ok());
  const auto runs = listRuns(*ledger_).value();
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].status, "interrupted");
  EXPECT_EQ(runs[1].status, "ok");
  EXPECT_EQ(lastRun(*ledger_, scope_).value()->id, "r-1");
  EXPECT_EQ(eventsOf(*ledger_, "stage", "r-1").value().size(), 1U);
}

}  // namespace
}  // namespace cd4ml::track
