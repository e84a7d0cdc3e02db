#include <sqlite3.h>

#include <fstream>

#include "runtime/data/read_case_test.h"

namespace cd4ml::data {
namespace {

constexpr const char* kRows =
    "create table t(n integer, x real, b integer, s text, d text, any);"
    "insert into t values(9223372036854775807, 0.1, 1, 'é', '2024-02-01', x'00');"
    "insert into t values(-1, 3, 0, '', '2024-02-02', 5);"
    "insert into t values(null, null, null, null, null, 'a');";

/// A database in a folder of its own.
class ReadSqlite : public ::testing::Test {
 protected:
  void SetUp() override { run(kRows); }
  void run(const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
  }
  std::string read(const std::string& query, const std::vector<SourceField>& fields) {
    const auto result =
        readFiles({.reader = "sqlite", .options = {{"query", {query}}}, .files = {{.path = path_}}, .fields = fields});
    std::string out;
    if (!result.ok()) {
      out = result.error().code + " " + result.error().message;
      for (auto at = out.find(path_); at != std::string::npos; at = out.find(path_))
        out.replace(at, path_.size(), "rows.db");
      return out;
    }
    for (const Column& column : result->columns) {
      for (std::int64_t r = 0; r < column.rows; ++r) out += (r == 0 ? "" : " ") + valueText(column, r);
      out += ";";
    }
    return out;
  }
  sample::Folder folder_;
  std::string path_ = folder_.path("rows.db");
};

TEST_F(ReadSqlite, Values) {
  EXPECT_EQ(read("select * from t",
                 {field("n", ir::Kind::Int, true), field("x", ir::Kind::Float, true), field("b", ir::Kind::Bool, true),
                  field("s", ir::Kind::Text, true), field("d", ir::Kind::Date, true)}),
            "9223372036854775807 -1 null;0.1 3 null;true false null;\"é\" \"\" null;2024-02-01 2024-02-02 null;");
  EXPECT_EQ(read("select n + 1.5 as y, s as k from t where n < 0;",
                 {field("k", ir::Kind::Category), field("y", ir::Kind::Float)}),
            "\"\";0.5;");
}

TEST_F(ReadSqlite, ACellHasTheTypeItIsStoredWith) {
  EXPECT_EQ(read("select any from t", {field("any", ir::Kind::Int)}),
            "CD5005 `rows.db`, row 1 of the query, column `any`: a blob is no int");
  EXPECT_EQ(read("select any from t order by n", {field("any", ir::Kind::Int)}),
            "CD5005 `rows.db`, row 1 of the query, column `any`: the text `a` is no int");
  EXPECT_EQ(read("select x as n from t", {field("n", ir::Kind::Int, true)}),
            "CD5005 `rows.db`, row 1 of the query, column `n`: the number 0.1 is no int");
  EXPECT_EQ(read("select n as b from t", {field("b", ir::Kind::Bool, true)}),
            "CD5005 `rows.db`, row 1 of the query, column `b`: the number 9223372036854775807 is no bool");
  EXPECT_EQ(read("select n as s from t", {field("s", ir::Kind::Text, true)}).substr(0, 67),
            "CD5005 `rows.db`, row 1 of the query, column `s`: the number 922337");
  EXPECT_EQ(read("select cast(x'ff' as text) as s", {field("s", ir::Kind::Text)}),
            "CD5010 `rows.db`, row 1 of the query, column `s`: the bytes are no UTF-8");
}

TEST_F(ReadSqlite, QueriesThatDependOnMoreThanTheFile) {
  const std::vector<SourceField> fields = {field("n", ir::Kind::Int, true)};
  const auto why = [&](const std::string& query) {
    const std::string got = read(query, fields);
    const std::string begin = "CD5024 the query on `rows.db` cannot be used: ";
    return got.starts_with(begin) ? got.substr(begin.size()) : got;
  };
  EXPECT_EQ(why("select random() as n"), "`random()` gives something else each time");
  EXPECT_EQ(why("select n from t where d < date('now')"), "it asks for the time, which is another each run");
  EXPECT_EQ(why("select current_timestamp as n"), "it asks for the time, which is another each run");
  EXPECT_EQ(why("delete from t"), "it changes the database");
  EXPECT_EQ(why("select n from t; select 1"), "something stands behind its end: ` select 1`");
  EXPECT_EQ(why("select n from t where n > ?"), "it has a parameter, `?` or `:name`");
  EXPECT_EQ(why("select m from t"), "no such column: m");
  EXPECT_EQ(why("selec n from t"), "near \"selec\": syntax error");
  EXPECT_EQ(why("attach 'other.db' as o"), "it opens another database");
  EXPECT_EQ(why("pragma user_version"), "`pragma user_version` is no query of rows");
  EXPECT_EQ(why(""), "it is empty");
  EXPECT_EQ(read("select s from t", fields), "CD5004 `rows.db` has no column `n`");
  EXPECT_EQ(read("select n, x as n from t", fields), "CD5004 the query on `rows.db` gives two columns `n`");
  EXPECT_EQ(read("select n from t where 0", fields), "CD5003 `rows.db` holds no rows");
}

TEST_F(ReadSqlite, FilesThatAreNotWhole) {
  const std::vector<SourceField> fields = {field("n", ir::Kind::Int, true)};
  const std::string query = "select n from t";
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, "pragma journal_mode=wal; insert into t(n) values(7)", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_EQ(read(query, fields), "CD5027 `rows.db` is being changed: `rows.db-wal` holds what is not in it yet");
  sqlite3_close(db);  // writes the log back
  EXPECT_EQ(read(query, fields), "9223372036854775807 -1 null 7;");
  // The head of a journal that a crash has left, then that of one that is done with.
  std::ofstream(path_ + "-journal", std::ios::binary) << "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" << std::string(504, 'x');
  EXPECT_EQ(read(query, fields), "CD5027 `rows.db` is being changed: `rows.db-journal` holds what is not in it yet");
  std::ofstream(path_ + "-journal", std::ios::binary) << std::string(512, '\0');
  EXPECT_EQ(read(query, fields), "9223372036854775807 -1 null 7;");
  std::ofstream(path_, std::ios::trunc) << "n\n1\n";
  EXPECT_EQ(read(query, fields), "CD5002 `rows.db` is no SQLite database");
  std::ofstream(path_, std::ios::trunc) << "";
  EXPECT_EQ(read(query, fields), "CD5003 `rows.db` is empty");
}

TEST_F(ReadSqlite, Infers) {
  const auto columns = inferColumns({.reader = "sqlite",
                                     .options = {{"query", {std::string("select n, x, b, s, d, null as z from t")}}},
                                     .files = {{.path = path_}}});
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  std::string types;
  for (const InferredColumn& c : *columns) types += c.name + ":" + ir::typeText(c.type) + " ";
  EXPECT_EQ(types, "n:int? x:float? b:int? s:category? d:date? z:text? ");
}

}  // namespace
}  // namespace cd4ml::data
