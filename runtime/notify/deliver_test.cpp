#include "runtime/notify/deliver.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/notify/sign.h"

namespace cd4ml::notify {
namespace {

using track::Ledger;
using track::Message;
using track::Outcome;

class DeliverTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-deliver-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    ledger_ = Ledger::open((folder_ / "ledger.db").string()).value();
    options_.lock_file = (folder_ / "outbox.lock").string();
    options_.pauses = {std::chrono::milliseconds(0), std::chrono::milliseconds(0)};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void queue(const Message& message) {
    ASSERT_TRUE(ledger_->transact([&](Ledger::Transaction& t) -> Status {
      CD4ML_TRY_VOID(track::queueMessage(t, message));
      return Done{};
    }).ok());
  }

  std::filesystem::path folder_;
  std::shared_ptr<Ledger> ledger_;
  DeliveryOptions options_;
};

TEST_F(DeliverTest, RetriesUntilItIsDeliveredAndNeverAgain) {
  queue({.id = "d-1", .key = "k", .notify = "ops", .channel = "webhook", .body = "{}"});
  int calls = 0;
  options_.attempt = [&](const Message& message) {
    EXPECT_EQ(message.id, "d-1");
    return ++calls < 3 ? Attempt{Outcome::Retry, "cannot connect"} : Attempt{Outcome::Delivered, "HTTP 200"};
  };
  const auto first = deliverPending(*ledger_, options_).value();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].last.outcome, Outcome::Delivered);
  EXPECT_EQ(calls, 3);
  EXPECT_TRUE(deliverPending(*ledger_, options_).value().empty());
  EXPECT_EQ(calls, 3);
}

TEST_F(DeliverTest, WhatDoesNotLeaveStaysQueuedUntilTheLimit) {
  queue({.id = "d-1", .key = "k", .notify = "ops", .channel = "webhook", .body = "{}"});
  options_.attempt = [](const Message&) { return Attempt{Outcome::Retry, "cannot connect"}; };
  options_.attempts_in_all = 5;
  EXPECT_EQ(deliverPending(*ledger_, options_).value()[0].last.outcome, Outcome::Retry);
  EXPECT_EQ(deliverPending(*ledger_, options_).value()[0].last.outcome, Outcome::GivenUp);
  EXPECT_TRUE(deliverPending(*ledger_, options_).value().empty());
}

TEST_F(DeliverTest, ACommandGetsTheBodyOnItsInputWithoutAShell) {
  const std::string out = (folder_ / "got; $HOME").string();
  queue({.id = "d-1", .key = "k", .notify = "ops", .channel = "command", .argv = {"tee", out}, .body = R"({"a":1})"});
  EXPECT_EQ(deliverPending(*ledger_, options_).value()[0].last.outcome, Outcome::Delivered);
  std::stringstream text;
  text << std::ifstream(out).rdbuf();
  EXPECT_EQ(text.str(), "{\"a\":1}\n");
}

TEST_F(DeliverTest, AMissingSecretIsNamedAndItsMessageWaits) {
  unsetenv("CD4ML_TEST_URL");
  queue({.id = "d-1", .key = "k", .notify = "ops", .channel = "webhook", .options = {{"url", "secret:CD4ML_TEST_URL"}}, .body = "{}"});
  const auto deliveries = deliverPending(*ledger_, options_).value();
  EXPECT_EQ(deliveries[0].last.outcome, Outcome::Retry);
  EXPECT_NE(deliveries[0].last.detail.find("CD4ML_TEST_URL"), std::string::npos);
  EXPECT_EQ(optionValue(deliveries[0].message, "url").error().code, "CD6003");
}

TEST(Command, ReportsHowAProgramEnded) {
  EXPECT_EQ(attemptCommand({.channel = "command", .argv = {"false"}, .body = ""}).detail, "exit 1");
  EXPECT_EQ(attemptCommand({.channel = "command", .argv = {"/no/such/program"}, .body = ""}).outcome, Outcome::Retry);
}

TEST(Sign, AgreesWithTheTestVectorOfRfc4231) {
  EXPECT_EQ(hmacSha256("Jefe", "what do ya want for nothing?").value(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Webhook, RefusesWhatIsNoUrl) {
  const Attempt attempt = attemptWebhook({.channel = "webhook", .options = {{"url", "file:///etc/passwd"}}, .body = "{}"});
  EXPECT_EQ(attempt.outcome, Outcome::GivenUp);
}

}  // namespace
}  // namespace cd4ml::notify
