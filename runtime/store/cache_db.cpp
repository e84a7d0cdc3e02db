#include "runtime/store/cache_db.h"

#include <sqlite3.h>
#include <unistd.h>

#include <cstring>

#include <fmt/format.h>

#include "runtime/store/paths.h"

namespace cd4ml::store {

namespace {

constexpr int kVersion = 1;  // of the tables; another version: the cache starts empty
constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS action(key BLOB PRIMARY KEY, content BLOB NOT NULL, parts BLOB NOT NULL, rows INTEGER,"
    " bytes INTEGER, stored INTEGER, value TEXT, seconds REAL, preimage TEXT) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS file(path TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER, mtime INTEGER,"
    " ctime INTEGER, content BLOB NOT NULL) WITHOUT ROWID;";
constexpr const char* kFind = "SELECT content, parts, rows, bytes, stored, value, seconds, preimage FROM action WHERE key = ?";
constexpr const char* kInsert = "INSERT OR REPLACE INTO action VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr const char* kFindFile = "SELECT device, inode, size, mtime, ctime, content FROM file WHERE path = ?";
constexpr const char* kInsertFile = "INSERT OR REPLACE INTO file VALUES(?, ?, ?, ?, ?, ?, ?)";

/// Resets a statement however its use ends.
class Use {
 public:
  explicit Use(sqlite3_stmt* s) : statement_(s) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

void bind(sqlite3_stmt* s, int at, const Digest& d) { sqlite3_bind_blob(s, at, d.bytes.data(), 32, SQLITE_TRANSIENT); }
void bind(sqlite3_stmt* s, int at, const std::string& t) {
  sqlite3_bind_text(s, at, t.data(), static_cast<int>(t.size()), SQLITE_TRANSIENT);
}
void bind(sqlite3_stmt* s, int at, std::uint64_t v) { sqlite3_bind_int64(s, at, static_cast<sqlite3_int64>(v)); }
void bind(sqlite3_stmt* s, int at, std::int64_t v) { sqlite3_bind_int64(s, at, v); }

std::optional<Digest> digestAt(sqlite3_stmt* s, int column) {
  if (sqlite3_column_bytes(s, column) != 32) return std::nullopt;
  Digest d;
  std::memcpy(d.bytes.data(), sqlite3_column_blob(s, column), 32);
  return d;
}

std::string textAt(sqlite3_stmt* s, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(s, column));
  return text == nullptr ? std::string() : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(s, column)));
}

/// A row as an action; nothing if it is not whole.
std::optional<Action> actionOf(sqlite3_stmt* s) {
  const auto content = digestAt(s, 0);
  const int parts_size = sqlite3_column_bytes(s, 1);
  if (!content || parts_size % 32 != 0) return std::nullopt;
  Action action{.content = *content, .parts = std::vector<Digest>(static_cast<std::size_t>(parts_size / 32))};
  if (parts_size > 0) std::memcpy(action.parts.data(), sqlite3_column_blob(s, 1), static_cast<std::size_t>(parts_size));
  action.rows = static_cast<std::uint64_t>(sqlite3_column_int64(s, 2));
  action.bytes = static_cast<std::uint64_t>(sqlite3_column_int64(s, 3));
  action.stored = sqlite3_column_int(s, 4) != 0;
  action.value = textAt(s, 5);
  action.seconds = sqlite3_column_double(s, 6);
  action.preimage = textAt(s, 7);
  return action;
}

}  // namespace

Result<std::shared_ptr<CacheDb>> CacheDb::open(const std::string& path) {
  for (int attempt = 0;; ++attempt) {
    sqlite3* database = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
    std::shared_ptr<CacheDb> cache(new CacheDb(database, path));
    if (opened != SQLITE_OK) return cache->failure("open");
    Status prepared = cache->prepare();
    if (prepared.ok()) return cache;
    const int code = sqlite3_errcode(database);
    const bool damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
    if (attempt > 0 || !damaged) return std::move(prepared).error();
    // The cache may forget: a damaged one makes room for an empty one.
    cache.reset();
    for (const char* suffix : {"", "-wal", "-shm"}) (void)::unlink((path + suffix).c_str());
  }
}

CacheDb::~CacheDb() {
  for (const auto& [sql, s] : statements_) sqlite3_finalize(s);
  sqlite3_close(database_);
}

Status CacheDb::prepare() {
  sqlite3_busy_timeout(database_, 30'000);
  CD4ML_TRY_VOID(execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=1073741824;"));
  int version = 0;
  sqlite3_stmt* s = nullptr;
  if (sqlite3_prepare_v2(database_, "PRAGMA user_version", -1, &s, nullptr) != SQLITE_OK) return failure("read");
  if (sqlite3_step(s) == SQLITE_ROW) version = sqlite3_column_int(s, 0);
  sqlite3_finalize(s);
  if (version == kVersion) return Done{};
  CD4ML_TRY_VOID(execute("BEGIN IMMEDIATE"));
  const std::string make = fmt::format("{}{} PRAGMA user_version={}; COMMIT;",
                                       version == 0 ? "" : "DROP TABLE IF EXISTS action; DROP TABLE IF EXISTS file;", kTables, kVersion);
  return execute(make.c_str());
}

Status CacheDb::execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    Error error = failure("change");
    if (sqlite3_get_autocommit(database_) == 0) sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    return error;
  }
  return Done{};
}

Error CacheDb::failure(const char* doing) const {
  return makeError("CD4104", fmt::format("cannot {} the cache `{}`: {}", doing, path_, sqlite3_errmsg(database_)));
}

sqlite3_stmt* CacheDb::statement(const char* sql) {
  for (const auto& [known, s] : statements_) {
    if (known == sql) return s;
  }
  sqlite3_stmt* s = nullptr;
  if (sqlite3_prepare_v3(database_, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, nullptr) != SQLITE_OK) return nullptr;
  statements_.emplace_back(sql, s);
  return s;
}

Result<std::optional<Action>> CacheDb::find(const Digest& key) {
  const std::lock_guard lock(mutex_);
  sqlite3_stmt* s = statement(kFind);
  if (s == nullptr) return failure("read");
  const Use use(s);
  bind(s, 1, key);
  const int stepped = sqlite3_step(s);
  if (stepped == SQLITE_DONE) return std::optional<Action>();
  if (stepped != SQLITE_ROW) return failure("read");
  return actionOf(s);
}

Status CacheDb::insert(const std::vector<std::pair<Digest, Action>>& actions) {
  const std::lock_guard lock(mutex_);
  sqlite3_stmt* s = statement(kInsert);
  if (s == nullptr) return failure("write");
  CD4ML_TRY_VOID(execute("BEGIN IMMEDIATE"));
  for (const auto& [key, action] : actions) {
    const Use use(s);
    bind(s, 1, key);
    bind(s, 2, action.content);
    sqlite3_bind_blob(s, 3, action.parts.empty() ? "" : static_cast<const void*>(action.parts.data()),
                      static_cast<int>(action.parts.size() * 32), SQLITE_TRANSIENT);
    bind(s, 4, action.rows);
    bind(s, 5, action.bytes);
    sqlite3_bind_int(s, 6, action.stored ? 1 : 0);
    bind(s, 7, action.value);
    sqlite3_bind_double(s, 8, action.seconds);
    bind(s, 9, action.preimage);
    if (sqlite3_step(s) != SQLITE_DONE) {
      Error error = failure("write");
      (void)sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
      return error;
    }
  }
  return execute("COMMIT");
}

Result<std::optional<Digest>> CacheDb::findFile(const std::string& path, const FileStat& stat) {
  const std::lock_guard lock(mutex_);
  sqlite3_stmt* s = statement(kFindFile);
  if (s == nullptr) return failure("read");
  const Use use(s);
  bind(s, 1, path);
  const int stepped = sqlite3_step(s);
  if (stepped == SQLITE_DONE) return std::optional<Digest>();
  if (stepped != SQLITE_ROW) return failure("read");
  const FileStat seen{.device = static_cast<std::uint64_t>(sqlite3_column_int64(s, 0)),
                      .inode = static_cast<std::uint64_t>(sqlite3_column_int64(s, 1)),
                      .size = static_cast<std::uint64_t>(sqlite3_column_int64(s, 2)),
                      .mtime_ns = sqlite3_column_int64(s, 3),
                      .ctime_ns = sqlite3_column_int64(s, 4)};
  if (seen != stat) return std::optional<Digest>();
  return digestAt(s, 5);
}

Status CacheDb::insertFile(const std::string& path, const FileStat& stat, const Digest& content) {
  const std::lock_guard lock(mutex_);
  sqlite3_stmt* s = statement(kInsertFile);
  if (s == nullptr) return failure("write");
  const Use use(s);
  bind(s, 1, path);
  bind(s, 2, stat.device);
  bind(s, 3, stat.inode);
  bind(s, 4, stat.size);
  bind(s, 5, stat.mtime_ns);
  bind(s, 6, stat.ctime_ns);
  bind(s, 7, content);
  return sqlite3_step(s) == SQLITE_DONE ? Status(Done{}) : Status(failure("write"));
}

}  // namespace cd4ml::store
