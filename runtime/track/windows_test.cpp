#include "runtime/track/windows.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

namespace cd4ml::track {
namespace {

class WindowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml_windows_" + std::to_string(::getpid()));
    ledger_ = *Ledger::open((folder_ / "ledger.db").string());
  }
  void TearDown() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }

  static WindowRecord window(const std::string& id, const std::string& verdict) {
    WindowRecord out;
    out.scope = {.pipeline = "flights", .profile = "default"};
    out.subject = "production";
    out.monitor = "health";
    out.id = id;
    out.rows = 100;
    out.verdict = verdict;
    out.body = R"({"id":")" + id + R"(","drift":[{"name":"x"}]})";
    return out;
  }

  std::filesystem::path folder_;
  std::shared_ptr<Ledger> ledger_;
};

TEST_F(WindowsTest, KeepsEveryResultAndAnswersNewestFirst) {
  ASSERT_TRUE(recordWindows(*ledger_, {window("w-1", "ok"), window("w-2", "alarm")}).ok());
  ASSERT_TRUE(recordWindows(*ledger_, {window("w-2", "alarm"), window("w-3", "warn")}).ok());
  const auto all = newestWindows(*ledger_, {.pipeline = "flights"}, "production", "health", 10);
  ASSERT_TRUE(all.ok());
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].id, "w-3");
  EXPECT_EQ((*all)[1].verdict, "alarm");
  EXPECT_EQ(newestWindows(*ledger_, {.pipeline = "flights"}, "production", "", 2)->size(), 2U);
  EXPECT_TRUE(newestWindows(*ledger_, {.pipeline = "flights"}, "production", "other", 2)->empty());
  EXPECT_TRUE(newestWindows(*ledger_, {.pipeline = "flights", .profile = "x"}, "production", "health", 2)->empty());
}

TEST_F(WindowsTest, LaterLabelsAddToAWindow) {
  WindowRecord first = window("w-1", "alarm");
  first.events = {"drift"};
  ASSERT_TRUE(recordWindows(*ledger_, {first}).ok());
  WindowRecord later = window("w-1", "ok");
  later.quality = true;
  later.labels = 90;
  later.events = {"quality"};
  later.body = R"({"id":"w-1","quality":{"rows":90}})";
  ASSERT_TRUE(recordWindows(*ledger_, {later}).ok());
  ASSERT_TRUE(recordWindows(*ledger_, {later}).ok());
  EXPECT_EQ(ledger_->read("window")->size(), 2U);
  const auto all = newestWindows(*ledger_, {.pipeline = "flights"}, "production", "health", 10);
  ASSERT_EQ(all->size(), 1U);
  EXPECT_TRUE((*all)[0].quality);
  EXPECT_EQ((*all)[0].verdict, "alarm");
  EXPECT_EQ((*all)[0].labels, 90);
  EXPECT_EQ((*all)[0].events, (std::vector<std::string>{"quality", "drift"}));
  EXPECT_NE((*all)[0].body.find("\"x\""), std::string::npos);
}

}  // namespace
}  // namespace cd4ml::track
