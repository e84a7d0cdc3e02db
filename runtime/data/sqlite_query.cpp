#include "runtime/data/sqlite_query.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>

namespace cd4ml::data {

namespace {

/// The system's files with a clock that does not go: who asks for the time is remembered.
struct StoppedClock : sqlite3_vfs {
  bool asked = false;
  std::string name;
};

int refuseTime(sqlite3_vfs* vfs, sqlite3_int64* /*now*/) {
  static_cast<StoppedClock*>(vfs)->asked = true;
  return SQLITE_ERROR;
}
int refuseOldTime(sqlite3_vfs* vfs, double* /*now*/) {
  static_cast<StoppedClock*>(vfs)->asked = true;
  return SQLITE_ERROR;
}

/// What the query may not do, if the authorizer met it.
using Refused = std::string;

int authorize(void* refused, int action, const char* first, const char* second, const char* /*db*/,
              const char* /*trigger*/) {
  static constexpr std::array<std::string_view, 6> kChanging = {"random",        "randomblob",        "changes",
                                                                "total_changes", "last_insert_rowid", "load_extension"};
  auto& why = *static_cast<Refused*>(refused);
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      if (second == nullptr ||
          std::find(kChanging.begin(), kChanging.end(), std::string_view(second)) == kChanging.end())
        return SQLITE_OK;
      why = fmt::format("`{}()` gives something else each time", second);
      return SQLITE_DENY;
    case SQLITE_ATTACH:
      why = "it opens another database";
      return SQLITE_DENY;
    case SQLITE_PRAGMA:
      why = fmt::format("`pragma {}` is no query of rows", first == nullptr ? "" : first);
      return SQLITE_DENY;
    default:
      why = "it changes the database";
      return SQLITE_DENY;
  }
}

Error badQuery(const std::string& path, const std::string& why, Span span) {
  Error e = makeError("CD5024", fmt::format("the query on `{}` cannot be used: {}", path, why), span);
  e.help.emplace_back("a source is one `select …` whose rows depend on the file alone");
  return e;
}

/// A journal beside the file holds what is not in it, or what must be taken back.
Status refuseUnfinished(const std::string& path, Span span) {
  for (const std::string_view end : {"-wal", "-journal"}) {
    const std::string beside = path + std::string(end);
    struct stat found{};
    if (stat(beside.c_str(), &found) != 0 || found.st_size == 0) continue;
    std::ifstream in(beside, std::ios::binary);
    std::array<char, 8> magic{};
    in.read(magic.data(), magic.size());
    if (std::all_of(magic.begin(), magic.end(), [](char c) { return c == 0; })) continue;  // of a finished transaction
    Error e =
        makeError("CD5027", fmt::format("`{}` is being changed: `{}` holds what is not in it yet", path, beside), span);
    e.help.emplace_back(
        end == "-wal"
            ? "close the programs that use it, or write the log back: `sqlite3 FILE 'pragma wal_checkpoint(truncate)'`"
            : "wait until the program that writes it is done; after a crash open it once with `sqlite3 FILE "
              "'.tables'`");
    return e;
  }
  return Done{};
}

Status refuseOthers(const std::string& path, Span span) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return makeError("CD5001", fmt::format("cannot open `{}`", path), span);
  std::array<char, 16> magic{};
  in.read(magic.data(), magic.size());
  if (in.gcount() == 0) return makeError("CD5003", fmt::format("`{}` is empty", path), span);
  if (std::string_view(magic.data(), magic.size()) != std::string_view("SQLite format 3\0", 16))
    return makeError("CD5002", fmt::format("`{}` is no SQLite database", path), span);
  return Done{};
}

/// Paths as SQLite's URIs write them.
std::string uriOf(const std::string& path) {
  std::string out = "file:";
  for (const char c : path) {
    if (c == '?' || c == '#' || c == '%')
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + "?mode=ro&immutable=1";
}

}  // namespace

struct SqliteQuery::State {
  std::string path;
  Span span;
  StoppedClock vfs;
  bool registered = false;
  Refused refused;
  sqlite3* db = nullptr;
  sqlite3_stmt* statement = nullptr;
  std::vector<std::string> columns;

  [[nodiscard]] Error failed() const {
    if (vfs.asked) return badQuery(path, "it asks for the time, which is another each run", span);
    if (!refused.empty()) return badQuery(path, refused, span);
    const int code = sqlite3_errcode(db);
    if (code == SQLITE_ERROR) return badQuery(path, sqlite3_errmsg(db), span);
    Error e =
        makeError("CD5002", fmt::format("cannot read `{}` as an SQLite database: {}", path, sqlite3_errmsg(db)), span);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_IOERR)
      e.help.emplace_back("the file may be cut off or damaged; compare its size with the original's");
    return e;
  }

  Status openFile() {
    static std::atomic<unsigned> opened{0};  // SQLite finds file systems by name
    static_cast<sqlite3_vfs&>(vfs) = *sqlite3_vfs_find(nullptr);
    vfs.name = fmt::format("cd4ml-{}", opened.fetch_add(1));
    vfs.zName = vfs.name.c_str();
    vfs.pNext = nullptr;
    vfs.xCurrentTime = refuseOldTime;
    vfs.xCurrentTimeInt64 = refuseTime;
    registered = sqlite3_vfs_register(&vfs, 0) == SQLITE_OK;
    CD4ML_CHECK(registered);
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(uriOf(path).c_str(), &db, flags, vfs.name.c_str()) != SQLITE_OK) return failed();
    sqlite3_extended_result_codes(db, 0);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_set_authorizer(db, authorize, &refused);
    return Done{};
  }

  Status prepare(const std::string& query) {
    const char* rest = nullptr;
    if (sqlite3_prepare_v2(db, query.c_str(), static_cast<int>(query.size()) + 1, &statement, &rest) != SQLITE_OK)
      return failed();
    if (statement == nullptr) return badQuery(path, "it is empty", span);
    if (std::string_view(rest).find_first_not_of(" \t\r\n;") != std::string_view::npos)
      return badQuery(path, fmt::format("something stands behind its end: `{}`", rest), span);
    if (sqlite3_stmt_readonly(statement) == 0) return badQuery(path, "it changes the database", span);
    const int count = sqlite3_column_count(statement);
    if (count == 0) return badQuery(path, "it gives no rows", span);
    if (sqlite3_bind_parameter_count(statement) > 0) return badQuery(path, "it has a parameter, `?` or `:name`", span);
    for (int c = 0; c < count; ++c) columns.emplace_back(sqlite3_column_name(statement, c));
    return Done{};
  }
};

SqliteQuery::SqliteQuery() : state_(std::make_unique<State>()) {}

SqliteQuery::~SqliteQuery() {
  sqlite3_finalize(state_->statement);
  sqlite3_close(state_->db);
  if (state_->registered) sqlite3_vfs_unregister(&state_->vfs);
}

Result<std::unique_ptr<SqliteQuery>> SqliteQuery::open(const std::string& path, const std::string& query, Span span) {
  CD4ML_TRY_VOID(refuseOthers(path, span));
  CD4ML_TRY_VOID(refuseUnfinished(path, span));
  std::unique_ptr<SqliteQuery> out(new SqliteQuery());
  out->state_->path = path;
  out->state_->span = span;
  CD4ML_TRY_VOID(out->state_->openFile());
  CD4ML_TRY_VOID(out->state_->prepare(query));
  return out;
}

const std::vector<std::string>& SqliteQuery::columns() const { return state_->columns; }

Result<bool> SqliteQuery::next() {
  const int code = sqlite3_step(state_->statement);
  if (state_->vfs.asked || (code != SQLITE_ROW && code != SQLITE_DONE)) return state_->failed();
  return code == SQLITE_ROW;
}

void SqliteQuery::rewind() { sqlite3_reset(state_->statement); }

SqliteQuery::Type SqliteQuery::type(std::size_t column) const {
  switch (sqlite3_column_type(state_->statement, static_cast<int>(column))) {
    case SQLITE_INTEGER:
      return Type::Int;
    case SQLITE_FLOAT:
      return Type::Float;
    case SQLITE_TEXT:
      return Type::Text;
    case SQLITE_BLOB:
      return Type::Blob;
    default:
      return Type::Null;
  }
}

std::int64_t SqliteQuery::intAt(std::size_t column) const {
  return sqlite3_column_int64(state_->statement, static_cast<int>(column));
}
double SqliteQuery::floatAt(std::size_t column) const {
  return sqlite3_column_double(state_->statement, static_cast<int>(column));
}
std::string_view SqliteQuery::textAt(std::size_t column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(state_->statement, static_cast<int>(column)));
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(state_->statement, static_cast<int>(column)))};
}

}  // namespace cd4ml::data
