/// `cache.db`: what each key gave, and what each file's bytes hash to. SQLite in WAL mode, synchronous=NORMAL.
///
/// It may forget and never lies: a row is written after the blobs it names, and an unreadable database is replaced by
/// an empty one. Any number of threads and processes may share the file.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cd4ml::store {

/// What a key gave.
struct Action {
  Digest content;
  std::vector<Digest> parts{};
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  bool stored = false;
  std::string value{};     ///< small results as JSON
  double seconds = 0;    ///< what it took
  std::string preimage{};  ///< what went into the key, for `why`
};

/// How a file looked when it was hashed; any difference means: hash again.
struct FileStat {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::int64_t ctime_ns = 0;
  friend bool operator==(const FileStat&, const FileStat&) = default;
};

class CacheDb {
 public:
  static Result<std::shared_ptr<CacheDb>> open(const std::string& path);
  CacheDb(const CacheDb&) = delete;
  CacheDb& operator=(const CacheDb&) = delete;
  ~CacheDb();

  [[nodiscard]] Result<std::optional<Action>> find(const Digest& key);
  /// All of them in one transaction.
  Status insert(const std::vector<std::pair<Digest, Action>>& actions);

  [[nodiscard]] Result<std::optional<Digest>> findFile(const std::string& path, const FileStat& stat);
  Status insertFile(const std::string& path, const FileStat& stat, const Digest& content);

 private:
  explicit CacheDb(sqlite3* database, std::string path) : database_(database), path_(std::move(path)) {}
  Status prepare();
  Status execute(const char* sql);
  Error failure(const char* doing) const;
  sqlite3_stmt* statement(const char* sql);

  sqlite3* database_;
  std::string path_;
  std::mutex mutex_;
  std::vector<std::pair<const char*, sqlite3_stmt*>> statements_;
};

}  // namespace cd4ml::store
