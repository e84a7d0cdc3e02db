/// `.cd4ml/cache.db`: which key gave which content, and which file has which bytes. It may forget but never lies.
///
/// SQLite in WAL mode, synchronous=NORMAL, shared by any number of processes. It is disposable: a damaged file is moved
/// away and a new one begun. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "runtime/store/file_stat.h"

namespace cd4ml::store {

/// The result under a key.
struct CachedResult {
  Digest content;
  std::vector<Digest> parts{};
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  bool stored = false;      ///< the blob went into the CAS
  std::string value{};      ///< small results as JSON
  double seconds = 0;       ///< what it took to compute
  std::string preimage{};   ///< what the key was made of (`plan::writeParts`)
};

class CacheDb {
 public:
  /// Opens (and makes) the database. A damaged one is moved to `PATH.damaged` first.
  static Result<std::shared_ptr<CacheDb>> open(const std::string& path);
  CacheDb(const CacheDb&) = delete;
  CacheDb& operator=(const CacheDb&) = delete;
  ~CacheDb();

  /// nullopt: not there, or the database cannot be read (a miss is always safe).
  [[nodiscard]] std::optional<CachedResult> find(const Digest& key);
  /// All in one transaction. An entry that is there already is replaced.
  Status put(const std::vector<std::pair<Digest, CachedResult>>& results);

  /// The key that a slot (`stage` "pipeline/trip.hour") had the last time it was brought up to date; for reasons.
  [[nodiscard]] std::optional<Digest> lastKey(std::string_view slot);
  Status setLastKeys(const std::vector<std::pair<std::string, Digest>>& keys);

  /// Content id of a file's bytes if the index has it for this very stat and the stat is not racily clean.
  [[nodiscard]] std::optional<Digest> findFile(const FileStat& stat);
  /// `seen_ns`: wall clock before hashing began.
  Status putFile(const FileStat& stat, const Digest& content, std::int64_t seen_ns);

 private:
  struct Connection;
  CacheDb(std::unique_ptr<Connection> connection, std::string path);
  /// Runs `body` in a transaction; a damaged database is moved away and `body` is tried once more on a new one.
  Status write(const std::function<int(Connection&)>& body);

  std::mutex mutex_;
  std::unique_ptr<Connection> connection_;
  std::string path_;
};

}  // namespace cd4ml::store
