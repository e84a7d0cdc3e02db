#include "runtime/store/label_store.h"

#include <filesystem>

#include <fmt/format.h>

#include "runtime/store/sql.h"

namespace cd4ml::store {

namespace {
constexpr int busy_timeout_ms = 20'000;
}  // namespace

Result<std::unique_ptr<LabelStore>> LabelStore::open(const std::string& path) {
  std::error_code ignored;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), ignored);
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<LabelStore> store(new LabelStore(database, path));
  if (code != SQLITE_OK) return store->failure("open");
  sqlite3_busy_timeout(database, busy_timeout_ms);
  CD4ML_TRY_VOID(store->execute("PRAGMA journal_mode=WAL"));
  CD4ML_TRY_VOID(store->execute("PRAGMA synchronous=FULL"));
  CD4ML_TRY_VOID(store->execute("CREATE TABLE IF NOT EXISTS labels(id TEXT PRIMARY KEY, value TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID"));
  return store;
}

Result<std::unique_ptr<LabelStore>> LabelStore::openExisting(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::unique_ptr<LabelStore>();
  return open(path);
}

LabelStore::~LabelStore() { sqlite3_close(database_); }

Error LabelStore::failure(std::string_view doing) const {
  return makeError("CD5705", fmt::format("cannot {} the labels `{}`: {}", doing, path_, sqlite3_errmsg(database_)));
}

Status LabelStore::execute(const char* sql) {
  if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) return failure("write");
  return Done{};
}

Status LabelStore::put(std::vector<Batch*> batches) {
  CD4ML_TRY_VOID(execute("BEGIN IMMEDIATE"));
  Status done = Done{};
  for (Batch* batch : batches) {
    done = putBatch(*batch);
    if (!done.ok()) break;
  }
  if (done.ok()) done = execute("COMMIT");
  if (!done.ok()) (void)execute("ROLLBACK");
  return done;
}

Status LabelStore::putBatch(Batch& batch) {
  batch.outcomes.clear();
  CD4ML_TRY_VOID(execute("SAVEPOINT batch"));
  Statement known(database_, "SELECT value FROM labels WHERE id = ?1");
  Statement write(database_, "INSERT INTO labels(id, value, at) VALUES(?1, ?2, ?3) ON CONFLICT(id) DO UPDATE SET value = ?2, at = ?3");
  bool conflict = false;
  for (const Label& label : batch.labels) {
    known.bind(label.id);
    const int found = known.step();
    if (found != SQLITE_ROW && found != SQLITE_DONE) return failure("read");
    const bool same = found == SQLITE_ROW && known.bytes(0) == label.value;
    known.reset();
    const bool other = found == SQLITE_ROW && !same;
    const bool refused = other && batch.on_conflict == OnConflict::Refuse;
    conflict = conflict || refused;
    batch.outcomes.push_back(same ? LabelOutcome::Known : refused ? LabelOutcome::Conflict : other ? LabelOutcome::Replaced : LabelOutcome::Stored);
    if (same || refused) continue;
    write.bind(label.id).bind(label.value).bind(label.at_us);
    if (write.step() != SQLITE_DONE) return failure("write");
    write.reset();
  }
  if (conflict) CD4ML_TRY_VOID(execute("ROLLBACK TO batch"));
  return execute("RELEASE batch");
}

Status LabelStore::forEach(const std::function<void(std::string_view, std::string_view, std::int64_t)>& take) const {
  Statement all(database_, "SELECT id, value, at FROM labels ORDER BY id");
  int code = SQLITE_ROW;
  while ((code = all.step()) == SQLITE_ROW) take(all.bytes(0), all.bytes(1), all.integer(2));
  if (code != SQLITE_DONE) return failure("read");
  return Done{};
}

}  // namespace cd4ml::store
