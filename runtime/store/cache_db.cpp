#include "runtime/store/cache_db.h"

#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include <sqlite3.h>

#include <fmt/format.h>

#include "runtime/store/sql.h"

namespace cd4ml::store {

namespace {

constexpr int schema_version = 1;

constexpr const char* schema = R"(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS action(key BLOB PRIMARY KEY, content BLOB NOT NULL, parts BLOB NOT NULL, rows INTEGER NOT NULL,
  bytes INTEGER NOT NULL, stored INTEGER NOT NULL, value TEXT NOT NULL, seconds REAL NOT NULL, preimage TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last(slot TEXT PRIMARY KEY, key BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS file(device INTEGER, inode INTEGER, size INTEGER NOT NULL, mtime INTEGER NOT NULL,
  ctime INTEGER NOT NULL, seen INTEGER NOT NULL, content BLOB NOT NULL, PRIMARY KEY(device, inode)) WITHOUT ROWID;
PRAGMA user_version = 1;
COMMIT;
)";

bool isDamage(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_FORMAT || primary == SQLITE_SCHEMA ||
         primary == SQLITE_ERROR;
}

std::optional<Digest> digestOf(std::string_view bytes) {
  Digest digest;
  if (bytes.size() != digest.bytes.size()) return std::nullopt;
  std::memcpy(digest.bytes.data(), bytes.data(), bytes.size());
  return digest;
}

std::optional<std::vector<Digest>> digestsOf(std::string_view bytes) {
  std::vector<Digest> digests;
  for (; !bytes.empty(); bytes.remove_prefix(32)) {
    const std::optional<Digest> digest = bytes.size() < 32 ? std::nullopt : digestOf(bytes.substr(0, 32));
    if (!digest.has_value()) return std::nullopt;
    digests.push_back(*digest);
  }
  return digests;
}

std::string bytesOf(const std::vector<Digest>& digests) {
  std::string bytes;
  for (const Digest& d : digests) bytes.append(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
  return bytes;
}

/// Another process may be making or recovering the database at this moment; that ends soon.
int executePatiently(sqlite3* db, const char* sql) {
  int code = SQLITE_OK;
  for (int attempt = 0; attempt < 600; ++attempt) {
    code = sqlite3_exec(db, sql, nullptr, nullptr, nullptr);
    if ((code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_LOCKED) return code;
    sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return code;
}

int userVersion(sqlite3* db) {
  Statement statement(db, "PRAGMA user_version");
  return statement.step() == SQLITE_ROW ? static_cast<int>(statement.integer(0)) : -1;
}

void moveAway(const std::string& path) {
  std::error_code ignored;
  std::filesystem::rename(path, path + ".damaged", ignored);
  std::filesystem::remove(path + "-wal", ignored);
  std::filesystem::remove(path + "-shm", ignored);
}

}  // namespace

struct CacheDb::Connection {
  explicit Connection(sqlite3* opened)
      : db(opened),
        find(db, "SELECT content, parts, rows, bytes, stored, value, seconds, preimage FROM action WHERE key = ?"),
        put(db, "INSERT OR REPLACE INTO action VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)"),
        last(db, "SELECT key FROM last WHERE slot = ?"),
        set_last(db, "INSERT OR REPLACE INTO last VALUES(?, ?)"),
        find_file(db, "SELECT size, mtime, ctime, seen, content FROM file WHERE device = ? AND inode = ?"),
        put_file(db, "INSERT OR REPLACE INTO file VALUES(?, ?, ?, ?, ?, ?, ?)") {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  struct Closer {
    explicit Closer(sqlite3* opened) : db(opened) {}
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;
    ~Closer() { sqlite3_close_v2(db); }
    operator sqlite3*() const { return db; }  // NOLINT(google-explicit-constructor)
    sqlite3* db;
  } db;  ///< first member: closed after the statements are gone
  Statement find, put, last, set_last, find_file, put_file;

  /// null: damaged, or `code` says why not.
  static std::unique_ptr<Connection> open(const std::string& path, int& code) {
    sqlite3* db = nullptr;
    code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX, nullptr);
    if (code == SQLITE_OK) {
      sqlite3_busy_timeout(db, 30000);
      code = executePatiently(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA mmap_size = 1073741824;");
    }
    if (code == SQLITE_OK && userVersion(db) != schema_version) {
      code = userVersion(db) == 0 ? executePatiently(db, schema) : SQLITE_CORRUPT;
    }
    if (code == SQLITE_OK) {
      auto connection = std::make_unique<Connection>(db);
      return connection;
    }
    sqlite3_close_v2(db);
    return nullptr;
  }
};

CacheDb::CacheDb(std::unique_ptr<Connection> connection, std::string path)
    : connection_(std::move(connection)), path_(std::move(path)) {}
CacheDb::~CacheDb() = default;

Result<std::shared_ptr<CacheDb>> CacheDb::open(const std::string& path) {
  int code = SQLITE_OK;
  std::unique_ptr<Connection> connection = Connection::open(path, code);
  if (connection == nullptr && isDamage(code)) {
    moveAway(path);
    connection = Connection::open(path, code);
  }
  if (connection == nullptr) {
    return makeError("CD4104", fmt::format("cannot open `{}`: {}", path, sqlite3_errstr(code)));
  }
  return std::shared_ptr<CacheDb>(new CacheDb(std::move(connection), path));
}

Status CacheDb::write(const std::function<int(Connection&)>& body) {
  const std::scoped_lock lock(mutex_);
  int code = SQLITE_OK;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (connection_ == nullptr) connection_ = Connection::open(path_, code);
    if (connection_ == nullptr) break;
    code = executePatiently(connection_->db, "BEGIN IMMEDIATE");
    if (code == SQLITE_OK) code = body(*connection_);
    if (code == SQLITE_OK) code = sqlite3_exec(connection_->db, "COMMIT", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return Done{};
    sqlite3_exec(connection_->db, "ROLLBACK", nullptr, nullptr, nullptr);
    if (!isDamage(code)) break;
    connection_.reset();
    moveAway(path_);
  }
  return makeError("CD4003", fmt::format("cannot write `{}`: {}", path_, sqlite3_errstr(code)));
}

std::optional<CachedResult> CacheDb::find(const Digest& key) {
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return std::nullopt;
  Statement& s = connection_->find;
  const Use use(s);
  if (s.blob(key).step() != SQLITE_ROW) return std::nullopt;
  const std::optional<Digest> content = digestOf(s.bytes(0));
  std::optional<std::vector<Digest>> parts = digestsOf(s.bytes(1));
  if (!content.has_value() || !parts.has_value()) return std::nullopt;
  return CachedResult{.content = *content,
                      .parts = std::move(*parts),
                      .rows = static_cast<std::uint64_t>(s.integer(2)),
                      .bytes = static_cast<std::uint64_t>(s.integer(3)),
                      .stored = s.integer(4) != 0,
                      .value = std::string(s.bytes(5)),
                      .seconds = s.real(6),
                      .preimage = std::string(s.bytes(7))};
}

Status CacheDb::put(const std::vector<std::pair<Digest, CachedResult>>& results) {
  return write([&](Connection& connection) {
    Statement& s = connection.put;
    for (const auto& [key, result] : results) {
      const Use use(s);
      s.blob(key).blob(result.content).blob(bytesOf(result.parts));
      s.bind(static_cast<std::int64_t>(result.rows)).bind(static_cast<std::int64_t>(result.bytes));
      s.bind(std::int64_t{result.stored ? 1 : 0}).bind(std::string_view(result.value)).bind(result.seconds);
      if (const int code = s.bind(std::string_view(result.preimage)).step(); code != SQLITE_DONE) return code;
    }
    return SQLITE_OK;
  });
}

std::optional<Digest> CacheDb::lastKey(std::string_view slot) {
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return std::nullopt;
  Statement& s = connection_->last;
  const Use use(s);
  return s.bind(slot).step() == SQLITE_ROW ? digestOf(s.bytes(0)) : std::nullopt;
}

Status CacheDb::setLastKeys(const std::vector<std::pair<std::string, Digest>>& keys) {
  return write([&](Connection& connection) {
    Statement& s = connection.set_last;
    for (const auto& [slot, key] : keys) {
      const Use use(s);
      if (const int code = s.bind(std::string_view(slot)).blob(key).step(); code != SQLITE_DONE) return code;
    }
    return SQLITE_OK;
  });
}

std::optional<Digest> CacheDb::findFile(const FileStat& stat) {
  const std::scoped_lock lock(mutex_);
  if (connection_ == nullptr) return std::nullopt;
  Statement& s = connection_->find_file;
  const Use use(s);
  s.bind(static_cast<std::int64_t>(stat.device)).bind(static_cast<std::int64_t>(stat.inode));
  if (s.step() != SQLITE_ROW) return std::nullopt;
  const FileStat then{.device = stat.device,
                      .inode = stat.inode,
                      .size = static_cast<std::uint64_t>(s.integer(0)),
                      .mtime_ns = s.integer(1),
                      .ctime_ns = s.integer(2)};
  if (then != stat || isRacilyClean(then, s.integer(3))) return std::nullopt;
  return digestOf(s.bytes(4));
}

Status CacheDb::putFile(const FileStat& stat, const Digest& content, std::int64_t seen_ns) {
  return write([&](Connection& connection) {
    Statement& s = connection.put_file;
    const Use use(s);
    s.bind(static_cast<std::int64_t>(stat.device)).bind(static_cast<std::int64_t>(stat.inode));
    s.bind(static_cast<std::int64_t>(stat.size)).bind(stat.mtime_ns).bind(stat.ctime_ns).bind(seen_ns);
    const int code = s.blob(content).step();
    return code == SQLITE_DONE ? SQLITE_OK : code;
  });
}

}  // namespace cd4ml::store
