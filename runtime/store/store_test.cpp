// Blobs, results, file ids, locks and the snapshot: whole, shared between processes, and honest about damage.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/store/cache_db.h"
#include "runtime/store/cas.h"
#include "runtime/store/file_stat.h"
#include "runtime/store/key_lock.h"
#include "runtime/store/plan_snapshot.h"
#include "runtime/store/temp_file.h"

namespace cd4ml::store {
namespace {

Digest idOf(std::string_view text) { return Hasher("test").text(text).finish(); }

std::span<const std::uint8_t> bytesOf(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void writeText(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
}

/// Makes time stamps lie far enough behind us to be trusted.
void letItAge() { ::usleep(60'000); }

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("cd4ml-store-" + std::to_string(::getpid()) + "-" +
                                                        ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name).string(); }
  [[nodiscard]] std::size_t filesIn(const std::string& name) const {
    const std::filesystem::directory_iterator entries(folder_ / name);
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
  }
  std::filesystem::path folder_;
};

TEST_F(Store, ABlobComesBackAndIsWrittenOnce) {
  auto cas = Cas::open(file("cas")).value();
  const std::string a = "hello ";
  const std::string b(100'000, 'x');
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf(a), bytesOf(b)}).ok());
  ASSERT_TRUE(cas->put(idOf("one"), {bytesOf("other bytes are ignored")}).ok());
  ASSERT_TRUE(cas->put(idOf("nothing"), {}).ok());
  EXPECT_TRUE(cas->has(idOf("one")));
  const auto blob = cas->get(idOf("one")).value();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(blob->bytes().data()), blob->bytes().size()), a + b);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blob->bytes().data()) % 64, 0u);
  EXPECT_TRUE(cas->get(idOf("nothing")).value()->bytes().empty());
  EXPECT_FALSE(cas->has(idOf("two")));
  EXPECT_EQ(cas->get(idOf("two")).error().code, "CD4012");
  EXPECT_TRUE(cas->sync().ok());
  EXPECT_EQ(filesIn("cas/tmp"), 0u);
}

TEST_F(Store, ADamagedBlobIsMovedAwayAndAbsent) {
  const Digest one = idOf("one");
  {
    auto cas = Cas::open(file("cas")).value();
    ASSERT_TRUE(cas->put(one, {bytesOf("some bytes")}).ok());
    std::filesystem::permissions(cas->path(one), std::filesystem::perms::owner_all);
    std::fstream f(cas->path(one), std::ios::in | std::ios::out);
    f.seekp(2);
    f.put('X');
  }
  auto cas = Cas::open(file("cas")).value();
  EXPECT_EQ(cas->get(one).error().code, "CD4002");
  EXPECT_FALSE(cas->has(one));
  EXPECT_EQ(cas->get(one).error().code, "CD4012");
  ASSERT_TRUE(cas->put(one, {bytesOf("some bytes")}).ok());
  EXPECT_TRUE(cas->get(one).ok());
}

TEST_F(Store, AShortBlobIsAbsentAtEveryLength) {
  auto cas = Cas::open(file("cas")).value();
  for (const std::uintmax_t length : {0u, 1u, 47u, 48u, 500u, 1047u}) {
    const Digest id = idOf("cut" + std::to_string(length));
    ASSERT_TRUE(cas->put(id, {bytesOf(std::string(1000, 'y'))}).ok());
    std::filesystem::permissions(cas->path(id), std::filesystem::perms::owner_all);
    std::filesystem::resize_file(cas->path(id), length);
    EXPECT_EQ(cas->get(id).error().code, "CD4002") << length;
  }
}

TEST_F(Store, APutThatIsKilledLeavesNothingWrong) {
  auto cas = Cas::open(file("cas")).value();
  const std::string big(20'000'000, 'z');
  for (int i = 0; i < 10; ++i) {
    const Digest id = idOf("big" + std::to_string(i));
    const pid_t child = ::fork();
    if (child == 0) {
      (void)cas->put(id, {bytesOf(big)});
      ::_exit(0);
    }
    ::usleep(static_cast<useconds_t>(1500 * i));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    auto again = Cas::open(file("cas")).value();
    EXPECT_EQ(filesIn("cas/tmp"), 0u);
    const auto blob = again->get(id);
    if (blob.ok()) {
      EXPECT_EQ(blob.value()->bytes().size(), big.size());
    } else {
      EXPECT_EQ(blob.error().code, "CD4012");
    }
    EXPECT_TRUE(again->put(id, {bytesOf(big)}).ok());
    EXPECT_TRUE(again->get(id).ok());
  }
}

TEST_F(Store, ManyProcessesPutTheSameBlobs) {
  std::vector<pid_t> children;
  for (int c = 0; c < 6; ++c) {
    const pid_t child = ::fork();
    if (child == 0) {
      bool fine = true;
      for (int i = 0; i < 30; ++i) {
        auto cas = Cas::open(file("cas"));
        fine = fine && cas.ok() && cas.value()->put(idOf(std::to_string(i)), {bytesOf(std::string(20'000, 'a'))}).ok() &&
               cas.value()->get(idOf(std::to_string(i))).ok();
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
  EXPECT_EQ(filesIn("cas/tmp"), 0u);
}

TEST_F(Store, AFolderThatCannotBeWrittenIsAnError) {
  writeText(file("taken"), "a file");
  EXPECT_EQ(Cas::open(file("taken")).error().code, "CD4104");
  EXPECT_EQ(TempFile::create(file("no/such/folder")).error().code, "CD4003");
  EXPECT_EQ(KeyLocks::open(file("no/such/folder/locks")).error().code, "CD4104");
  EXPECT_EQ(CacheDb::open(file("no/such/folder/cache.db")).error().code, "CD4104");
}

TEST_F(Store, AResultComesBackWhole) {
  auto cache = CacheDb::open(file("cache.db")).value();
  EXPECT_FALSE(cache->find(idOf("key")).has_value());
  const CachedResult result{.content = idOf("content"), .parts = {idOf("a"), idOf("b")}, .rows = 7, .bytes = 56, .stored = true,
                            .value = R"({"auc":0.5})", .seconds = 0.25, .preimage = "input x"};
  ASSERT_TRUE(cache->put({{idOf("key"), result}, {idOf("empty"), CachedResult{}}}).ok());
  ASSERT_TRUE(cache->setLastKeys({{"p/trip.hour", idOf("key")}}).ok());
  auto second = CacheDb::open(file("cache.db")).value();
  const CachedResult found = second->find(idOf("key")).value();
  EXPECT_EQ(found.content, result.content);
  EXPECT_EQ(found.parts, result.parts);
  EXPECT_EQ(found.rows, 7u);
  EXPECT_EQ(found.bytes, 56u);
  EXPECT_TRUE(found.stored);
  EXPECT_EQ(found.value, result.value);
  EXPECT_EQ(found.seconds, 0.25);
  EXPECT_EQ(found.preimage, result.preimage);
  EXPECT_TRUE(second->find(idOf("empty"))->parts.empty());
  EXPECT_EQ(second->lastKey("p/trip.hour"), idOf("key"));
  EXPECT_FALSE(second->lastKey("p/trip.other").has_value());
}

TEST_F(Store, ADamagedCacheStartsEmpty) {
  writeText(file("cache.db"), std::string(8192, 'n'));
  auto cache = CacheDb::open(file("cache.db"));
  ASSERT_TRUE(cache.ok()) << cache.error().describe();
  EXPECT_FALSE(cache.value()->find(idOf("key")).has_value());
  EXPECT_TRUE(cache.value()->put({{idOf("key"), CachedResult{}}}).ok());
  EXPECT_TRUE(std::filesystem::exists(file("cache.db.damaged")));
}

TEST_F(Store, ACacheDamagedInTheMiddleIsLeftBehind) {
  {
    auto cache = CacheDb::open(file("cache.db")).value();
    std::vector<std::pair<Digest, CachedResult>> results;
    for (int i = 0; i < 2000; ++i) results.emplace_back(idOf(std::to_string(i)), CachedResult{.content = idOf("c"), .value = std::string(100, 'v')});
    ASSERT_TRUE(cache->put(results).ok());
  }
  {
    std::fstream f(file("cache.db"), std::ios::in | std::ios::out | std::ios::binary);
    f.seekp(4096);
    f << std::string(4096 * 40, 'x');
  }
  auto cache = CacheDb::open(file("cache.db")).value();
  for (int i = 0; i < 2000; ++i) {
    const auto found = cache->find(idOf(std::to_string(i)));
    if (found.has_value()) { EXPECT_EQ(found->value, std::string(100, 'v')); }
  }
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(cache->put({{idOf("new" + std::to_string(i)), CachedResult{}}}).ok());
  EXPECT_TRUE(CacheDb::open(file("cache.db")).value()->find(idOf("new49")).has_value());
}

TEST_F(Store, ManyProcessesWriteResultsAtOnce) {
  std::vector<pid_t> children;
  for (int c = 0; c < 8; ++c) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto cache = CacheDb::open(file("cache.db"));
      bool fine = cache.ok();
      for (int i = 0; fine && i < 20; ++i) {
        const std::string name = std::to_string(c) + "-" + std::to_string(i);
        fine = cache.value()->put({{idOf(name), CachedResult{.content = idOf("c" + name)}}}).ok();
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
    EXPECT_EQ(cache->find(idOf(std::to_string(c) + "-19"))->content, idOf("c" + std::to_string(c) + "-19"));
  }
}

TEST_F(Store, AFileIsHashedByContentAndRemembered) {
  auto cache = CacheDb::open(file("cache.db")).value();
  writeText(file("a"), "same");
  writeText(file("b"), "same");
  EXPECT_EQ(identifyFile(*cache, file("a")).value().content, identifyFile(*cache, file("b")).value().content);
  // Young files are not trusted: the same stat could hide a change.
  EXPECT_FALSE(cache->findFile(*statFile(file("a"))).has_value());
  letItAge();
  const HashedFile hashed = identifyFile(*cache, file("a")).value();
  EXPECT_EQ(cache->findFile(hashed.stat), hashed.content);
  std::filesystem::rename(file("a"), file("moved"));
  EXPECT_EQ(identifyFile(*cache, file("moved")).value().content, hashed.content);
  writeText(file("moved"), "diff");
  EXPECT_NE(identifyFile(*cache, file("moved")).value().content, hashed.content);
  EXPECT_EQ(identifyFile(*cache, file("none")).error().code, "CD5001");
  EXPECT_EQ(identifyFile(*cache, folder_.string()).error().code, "CD5002");
}

TEST_F(Store, AFileThatChangesWhileItIsReadIsAnError) {
  writeText(file("growing"), std::string(200'000'000, 'a'));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop.load()) {
      std::ofstream out(file("growing"), std::ios::app);
      out << "x";
      ::usleep(2000);
    }
  });
  ::usleep(20'000);
  EXPECT_EQ(hashFile(file("growing")).error().code, "CD5013");
  stop = true;
  writer.join();
}

TEST_F(Store, AKeyIsHeldByOneAndFreedByDeath) {
  auto locks = KeyLocks::open(file("locks")).value();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto lock = locks->tryAcquire(idOf("k"));
    (void)!::write(ready[1], "r", 1);
    ::pause();
    ::_exit(lock.ok() ? 0 : 1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_FALSE(locks->tryAcquire(idOf("k")).value().has_value());
  EXPECT_TRUE(locks->tryAcquire(idOf("other")).value().has_value());
  std::thread killer([&] {
    ::usleep(50'000);
    ::kill(child, SIGKILL);
  });
  int waits = 0;
  EXPECT_TRUE(locks->acquire(idOf("k"), [&] { ++waits; }, nullptr).value().has_value());
  EXPECT_EQ(waits, 1);
  killer.join();
  ::waitpid(child, nullptr, 0);
}

TEST_F(Store, ThreadsExcludeEachOtherAndCanBeCancelled) {
  auto locks = KeyLocks::open(file("locks")).value();
  int inside = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto lock = locks->acquire(idOf("k"), {}, nullptr).value();
        ++inside;  // a data race, and a wrong sum, unless the lock excludes
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(inside, 80);
  const auto held = locks->tryAcquire(idOf("k")).value();
  const std::atomic<bool> cancelled{true};
  EXPECT_FALSE(locks->acquire(idOf("k"), {}, &cancelled).value().has_value());
}

class Snapshot : public Store {
 protected:
  void SetUp() override {
    Store::SetUp();
    writeText(file("main.cd4ml"), "pipeline p");
    writeText(file("data.csv"), "a,b\n1,2\n");
    letItAge();
    snapshot_.settings = "profile default";
    snapshot_.seen_ns = nowNs();
    snapshot_.files = {watchFile(file("main.cd4ml"), WatchedFile::By::Content), watchFile(file("cd4ml.lock"), WatchedFile::By::Content),
                       watchFile(file("data.csv"), WatchedFile::By::Stat)};
    snapshot_.stages = {{.name = "flights", .kind = "source", .columns = 5, .rows = 3'000'000, .key = "b3:1", .content = "b3:2", .summary = "s"}};
    snapshot_.report = "auc 0.71";
    EXPECT_TRUE(writeSnapshot(file("plan.snap"), snapshot_).ok());
  }
  [[nodiscard]] bool holds() const { return readSnapshotIfHolds(file("plan.snap"), "profile default").has_value(); }
  PlanSnapshot snapshot_;
};

TEST_F(Snapshot, HoldsWhileNothingChanges) {
  const auto read = readSnapshotIfHolds(file("plan.snap"), "profile default");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, snapshot_);
  EXPECT_FALSE(readSnapshotIfHolds(file("plan.snap"), "profile other").has_value());
  std::filesystem::rename(file("main.cd4ml"), file("x"));
  writeText(file("main.cd4ml"), "pipeline p");
  EXPECT_TRUE(holds()) << "equal bytes of a small file are enough";
}

TEST_F(Snapshot, EndsWithAnyChange) {
  writeText(file("main.cd4ml"), "pipeline q");
  EXPECT_FALSE(holds());
  writeText(file("main.cd4ml"), "pipeline p");
  EXPECT_TRUE(holds());
  writeText(file("cd4ml.lock"), "");
  EXPECT_FALSE(holds()) << "a file that was not there has appeared";
  std::filesystem::remove(file("cd4ml.lock"));
  EXPECT_TRUE(holds());
  std::filesystem::last_write_time(file("data.csv"), std::filesystem::file_time_type::clock::now());
  EXPECT_FALSE(holds());
}

TEST_F(Snapshot, IsNotTrustedAboutFilesYoungerThanItself) {
  writeText(file("young.csv"), "1");
  snapshot_.files.push_back(watchFile(file("young.csv"), WatchedFile::By::Stat));
  snapshot_.seen_ns = nowNs();
  ASSERT_TRUE(writeSnapshot(file("plan.snap"), snapshot_).ok());
  EXPECT_FALSE(holds());
}

TEST_F(Snapshot, IsIgnoredWhenDamagedAtAnyByte) {
  std::string bytes;
  {
    std::ifstream in(file("plan.snap"), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x40);
    std::filesystem::remove(file("plan.snap"));
    writeText(file("plan.snap"), damaged);
    EXPECT_FALSE(holds()) << i;
    writeText(file("plan.snap"), bytes.substr(0, i));
    EXPECT_FALSE(holds()) << i;
  }
  removeSnapshot(file("plan.snap"));
  EXPECT_FALSE(holds());
  removeSnapshot(file("plan.snap"));
}

}  // namespace
}  // namespace cd4ml::store
