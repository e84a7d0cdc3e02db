#include "runtime/track/ledger.h"

#include <chrono>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>
#include <sqlite3.h>

namespace cd4ml::track {

namespace {

constexpr int busy_timeout_ms = 20'000;

/// A prepared statement that finalises itself.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view sql) {
    sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr);
  }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  [[nodiscard]] bool valid() const { return statement_ != nullptr; }
  void bind(int index, std::string_view text) {
    sqlite3_bind_text64(statement_, index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  }
  void bind(int index, std::int64_t value) { sqlite3_bind_int64(statement_, index, value); }
  void bind(int index, const Digest& digest) {
    sqlite3_bind_blob64(statement_, index, digest.bytes.data(), digest.bytes.size(), SQLITE_TRANSIENT);
  }
  int step() { return sqlite3_step(statement_); }
  [[nodiscard]] std::int64_t integer(int column) { return sqlite3_column_int64(statement_, column); }
  [[nodiscard]] std::string text(int column) {
    const auto* bytes = sqlite3_column_text(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return bytes == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(bytes), size);
  }
  [[nodiscard]] Digest digest(int column) {
    Digest digest;
    const void* bytes = sqlite3_column_blob(statement_, column);
    if (bytes != nullptr && sqlite3_column_bytes(statement_, column) == static_cast<int>(digest.bytes.size())) {
      std::memcpy(digest.bytes.data(), bytes, digest.bytes.size());
    }
    return digest;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace

Result<std::shared_ptr<Ledger>> Ledger::open(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  sqlite3* database = nullptr;
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
  std::shared_ptr<Ledger> ledger(new Ledger(database, path));
  if (code != SQLITE_OK) return ledger->failure("open");
  sqlite3_busy_timeout(database, busy_timeout_ms);
  CD4ML_TRY_VOID(ledger->prepareSchema());
  return ledger;
}

Result<std::shared_ptr<Ledger>> Ledger::openExisting(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::shared_ptr<Ledger>();
  return open(path);
}

Ledger::~Ledger() { sqlite3_close(database_); }

Status Ledger::prepareSchema() {
  CD4ML_TRY_VOID(execute("PRAGMA journal_mode=WAL"));
  CD4ML_TRY_VOID(execute("PRAGMA synchronous=FULL"));
  return execute(
      "CREATE TABLE IF NOT EXISTS journal(sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,"
      " subject TEXT NOT NULL, body TEXT NOT NULL, hash BLOB NOT NULL);"
      "CREATE INDEX IF NOT EXISTS journal_by_subject ON journal(kind, subject)");
}

Status Ledger::execute(const char* statement) {
  if (sqlite3_exec(database_, statement, nullptr, nullptr, nullptr) != SQLITE_OK) return failure("write");
  return Done{};
}

Error Ledger::failure(std::string_view doing) const {
  Error error = makeError("CD6001", fmt::format("cannot {} the ledger `{}`: {}", doing, path_, sqlite3_errmsg(database_)));
  error.help.push_back("check that the folder can be written to and that the disk is not full");
  return error;
}

Status Ledger::transact(const std::function<Status(Transaction&)>& body) {
  const std::lock_guard lock(mutex_);
  CD4ML_TRY_VOID(execute("BEGIN IMMEDIATE"));
  Transaction transaction(*this);
  Status done = body(transaction);
  if (done.ok()) done = execute("COMMIT");
  if (!done.ok()) (void)execute("ROLLBACK");
  return done;
}

Result<std::vector<Entry>> Ledger::read(std::string_view kind, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  return query(kind, subject, "ASC", -1);
}

Result<std::optional<Entry>> Ledger::last(std::string_view kind, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  return queryLast(kind, subject);
}

Result<std::optional<Entry>> Ledger::queryLast(std::string_view kind, std::string_view subject) {
  CD4ML_TRY(std::vector<Entry> entries, query(kind, subject, "DESC", 1));
  return entries.empty() ? std::optional<Entry>() : std::optional(std::move(entries.front()));
}

Result<std::vector<Entry>> Ledger::newest(std::string_view kind, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  return query(kind, {}, "DESC", static_cast<std::int64_t>(limit));
}

Result<std::int64_t> Ledger::dataVersion() {
  const std::lock_guard lock(mutex_);
  Statement statement(database_, "PRAGMA data_version");
  if (!statement.valid() || statement.step() != SQLITE_ROW) return failure("read");
  return statement.integer(0);
}

Result<std::vector<Entry>> Ledger::query(std::string_view kind, std::string_view subject, std::string_view order,
                                         std::int64_t limit) {
  Statement statement(database_, fmt::format("SELECT sequence, at, kind, subject, body FROM journal WHERE kind = ?1 {} "
                                             "ORDER BY sequence {} LIMIT ?3",
                                             subject.empty() ? "" : "AND subject = ?2", order));
  if (!statement.valid()) return failure("read");
  statement.bind(1, kind);
  if (!subject.empty()) statement.bind(2, subject);
  statement.bind(3, limit);
  std::vector<Entry> entries;
  int code = SQLITE_ROW;
  while ((code = statement.step()) == SQLITE_ROW) {
    entries.push_back({.sequence = statement.integer(0),
                       .at_us = statement.integer(1),
                       .kind = statement.text(2),
                       .subject = statement.text(3),
                       .body = statement.text(4)});
  }
  if (code != SQLITE_DONE) return failure("read");
  return entries;
}

Status Ledger::appendEntry(const Entry& entry) {
  Entry row = entry;
  Digest previous;
  Statement last(database_, "SELECT sequence, hash FROM journal ORDER BY sequence DESC LIMIT 1");
  if (!last.valid()) return failure("read");
  row.sequence = 1;
  if (last.step() == SQLITE_ROW) {
    row.sequence = last.integer(0) + 1;
    previous = last.digest(1);
  }
  Statement insert(database_, "INSERT INTO journal(sequence, at, kind, subject, body, hash) VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
  if (!insert.valid()) return failure("write");
  insert.bind(1, row.sequence);
  insert.bind(2, row.at_us);
  insert.bind(3, row.kind);
  insert.bind(4, row.subject);
  insert.bind(5, row.body);
  insert.bind(6, chainHash(previous, row));
  if (insert.step() != SQLITE_DONE) return failure("write");
  return Done{};
}

Result<std::optional<std::int64_t>> Ledger::verify() {
  const std::lock_guard lock(mutex_);
  Statement all(database_, "SELECT sequence, at, kind, subject, body, hash FROM journal ORDER BY sequence");
  if (!all.valid()) return failure("read");
  Digest previous;
  std::int64_t expected = 1;
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) {
    const Entry entry{.sequence = all.integer(0), .at_us = all.integer(1), .kind = all.text(2), .subject = all.text(3),
                      .body = all.text(4)};
    const Digest hash = all.digest(5);
    if (entry.sequence != expected || hash != chainHash(previous, entry)) return std::optional(entry.sequence);
    previous = hash;
    ++expected;
  }
  if (code != SQLITE_DONE) return failure("read");
  return std::optional<std::int64_t>();
}

Result<std::vector<Entry>> Ledger::Transaction::read(std::string_view kind, std::string_view subject) const {
  return ledger_.query(kind, subject, "ASC", -1);
}

Result<std::optional<Entry>> Ledger::Transaction::last(std::string_view kind, std::string_view subject) const {
  return ledger_.queryLast(kind, subject);
}

Status Ledger::Transaction::append(std::string_view kind, std::string_view subject, std::string body) {
  return ledger_.appendEntry({.at_us = nowMicroseconds(), .kind = std::string(kind), .subject = std::string(subject),
                              .body = std::move(body)});
}

Digest chainHash(const Digest& previous, const Entry& entry) {
  return Hasher("cd4ml ledger entry")
      .digest(previous)
      .u64(static_cast<std::uint64_t>(entry.sequence))
      .u64(static_cast<std::uint64_t>(entry.at_us))
      .string(entry.kind)
      .string(entry.subject)
      .string(entry.body)
      .finish();
}

std::int64_t nowMicroseconds() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string timeText(std::int64_t at_us) {
  const auto seconds = static_cast<std::time_t>(at_us / 1'000'000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace cd4ml::track
