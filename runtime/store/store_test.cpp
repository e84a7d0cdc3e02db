// Blobs, actions, file ids and locks: whole, shared between processes, and honest about damage.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/store/cache_db.h"
#include "runtime/store/cas.h"
#include "runtime/store/file_index.h"
#include "runtime/store/key_lock.h"
#include "runtime/store/paths.h"

namespace cd4ml::store {
namespace {

Digest idOf(std::string_view text) { return Hasher("test").text(text).finish(); }

std::span<const std::uint8_t> bytesOf(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-store-" + std::to_string(::getpid()) + "-" +
                                                        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::filesystem::path folder_;
};

TEST_F(Store, ABlobComesBackAndIsWrittenOnce) {
  auto cas = Cas::open(file("cas")).value();
  const std::string a = "hello ", b(100'000, 'x');
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf(a), bytesOf(b)}).ok());
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf("other bytes are ignored")}).ok());
  EXPECT_TRUE(cas->has(idOf("one")));
  const auto blob = cas->get(idOf("one")).value();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(blob->bytes().data()), blob->bytes().size()), a + b);
  EXPECT_FALSE(cas->has(idOf("two")));
  EXPECT_EQ(cas->get(idOf("two")).error().code, "CD4012");
}

TEST_F(Store, ADamagedBlobIsMovedAwayAndAbsent) {
  auto cas = Cas::open(file("cas")).value();
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf("some bytes")}).ok());
  const std::string path = cas->path(idOf("one"));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  { std::fstream f(path, std::ios::in | std::ios::out); f.seekp(2); f.put('X'); }
  EXPECT_EQ(cas->get(idOf("one")).error().code, "CD4010");
  EXPECT_FALSE(cas->has(idOf("one")));
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf("some bytes")}).ok());
  EXPECT_TRUE(cas->get(idOf("one")).ok());
  ASSERT_TRUE(cas->put(idOf("cut"), {bytesOf(std::string(1000, 'y'))}).ok());
  std::filesystem::permissions(cas->path(idOf("cut")), std::filesystem::perms::owner_all);
  std::filesystem::resize_file(cas->path(idOf("cut")), 500);
  EXPECT_FALSE(cas->get(idOf("cut")).ok());
}

TEST_F(Store, APutThatIsKilledLeavesNothingWrong) {
  auto cas = Cas::open(file("cas")).value();
  const std::string big(20'000'000, 'z');
  for (int i = 0; i < 10; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      (void)cas->put(idOf("big" + std::to_string(i)), {bytesOf(big)});
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(1000 * i));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto again = Cas::open(file("cas")).value();
    const auto blob = again->get(idOf("big" + std::to_string(i)));
    if (blob.ok()) { EXPECT_EQ(blob.value()->bytes().size(), big.size()); }
    EXPECT_TRUE(again->put(idOf("big" + std::to_string(i)), {bytesOf(big)}).ok());
  }
}

TEST_F(Store, AnActionComesBackWhole) {
  auto cache = CacheDb::open(file("cache.db")).value();
  EXPECT_FALSE(cache->find(idOf("key")).value().has_value());
  const Action action{.content = idOf("content"), .parts = {idOf("a"), idOf("b")}, .rows = 7, .bytes = 56, .stored = true,
                      .value = R"({"auc":0.5})", .seconds = 0.25, .preimage = "input x"};
  ASSERT_TRUE(cache->insert({{idOf("key"), action}, {idOf("empty"), Action{}}}).ok());
  auto second = CacheDb::open(file("cache.db")).value();
  const Action found = *second->find(idOf("key")).value();
  EXPECT_EQ(found.content, action.content);
  EXPECT_EQ(found.parts, action.parts);
  EXPECT_EQ(found.rows, 7u);
  EXPECT_TRUE(found.stored);
  EXPECT_EQ(found.value, action.value);
  EXPECT_EQ(found.preimage, action.preimage);
  EXPECT_TRUE(second->find(idOf("empty")).value()->parts.empty());
}

TEST_F(Store, ADamagedCacheStartsEmpty) {
  { std::ofstream f(file("cache.db")); f << std::string(8192, 'n'); }
  auto cache = CacheDb::open(file("cache.db"));
  ASSERT_TRUE(cache.ok()) << cache.error().describe();
  EXPECT_FALSE(cache.value()->find(idOf("key")).value().has_value());
}

TEST_F(Store, ManyProcessesWriteActionsAtOnce) {
  std::vector<pid_t> children;
  for (int c = 0; c < 8; ++c) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto cache = CacheDb::open(file("cache.db"));
      bool fine = cache.ok();
      for (int i = 0; fine && i < 20; ++i) {
        const std::string name = std::to_string(c) + "-" + std::to_string(i);
        fine = cache.value()->insert({{idOf(name), Action{.content = idOf("c" + name)}}}).ok();
      }
      ::_exit(fine ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  auto cache = CacheDb::open(file("cache.db")).value();
  for (int c = 0; c < 8; ++c) {
    EXPECT_EQ(cache->find(idOf(std::to_string(c) + "-19")).value()->content, idOf("c" + std::to_string(c) + "-19"));
  }
}

TEST_F(Store, AFileIsHashedByContentAndRemembered) {
  auto cache = CacheDb::open(file("cache.db")).value();
  { std::ofstream f(file("a")); f << "same"; }
  { std::ofstream f(file("b")); f << "same"; }
  EXPECT_EQ(hashFile(file("a"), cache.get()).value().content, hashFile(file("b"), cache.get()).value().content);
  // Young files are not remembered: the same stat could hide a change.
  EXPECT_FALSE(cache->findFile(file("a"), statFile(file("a")).value()).value().has_value());
  ::usleep(120'000);
  const HashedFile hashed = hashFile(file("a"), cache.get()).value();
  EXPECT_EQ(cache->findFile(file("a"), hashed.stat).value(), hashed.content);
  { std::ofstream f(file("a")); f << "other"; }
  EXPECT_NE(hashFile(file("a"), cache.get()).value().content, hashed.content);
  EXPECT_EQ(hashFile(file("none"), cache.get()).error().code, "CD4013");
  EXPECT_EQ(hashFile(folder_.string(), cache.get()).error().code, "CD4013");
}

TEST_F(Store, AKeyIsHeldByOneAndFreedByDeath) {
  const std::string locks = file("locks");
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = KeyLock::tryAcquire(locks, idOf("k"));
    (void)!::write(ready[1], "r", 1);
    ::pause();
    ::_exit(lock.ok() ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(KeyLock::tryAcquire(locks, idOf("k")).value().has_value());
  EXPECT_TRUE(KeyLock::tryAcquire(locks, idOf("other")).value().has_value());
  std::thread killer([&] { ::usleep(50'000); ::kill(child, SIGKILL); });
  bool waited = false;
  EXPECT_TRUE(KeyLock::acquire(locks, idOf("k"), waited).ok());
  EXPECT_TRUE(waited);
  killer.join();
  ::waitpid(child, nullptr, 0);
}

TEST_F(Store, AFileIsReplacedWholeOrNotAtAll) {
  ASSERT_TRUE(writeFileAtomically(file("f"), "old").ok());
  ASSERT_TRUE(writeFileAtomically(file("f"), "new").ok());
  EXPECT_EQ(readFile(file("f")).value(), "new");
  EXPECT_FALSE(writeFileAtomically(file("no/such/folder/f"), "x").ok());
}

}  // namespace
}  // namespace cd4ml::store
