#include <fmt/format.h>
#include <sqlite3.h>

#include "runtime/data/read_case_test.h"
#include "runtime/data/write.h"

namespace cd4ml::data {
namespace {

/// The same rows in every format: content ids are of values, not of files.
TEST(ReadFormats, TheSameRowsHaveTheSameIds) {
  const sample::Folder folder;
  std::string csv = "n,x,b,k,d,t\n";
  std::string tsv = "n\tx\tb\tk\td\tt\n";
  std::string jsonl;
  std::string inserts = "create table r(n, x, b, k, d, t); begin;";
  for (int i = 0; i < 5000; ++i) {
    const std::string n = i % 7 == 0 ? "" : std::to_string(i * 37 - 1000);
    const std::string x = fmt::format("{}", i / 8.0);
    const std::string k = fmt::format("k{}", i % 11);
    const std::string d = fmt::format("2024-{:02}-{:02}", i % 12 + 1, i % 28 + 1);
    const std::string t = fmt::format("{}T{:02}:00:00Z", d, i % 24);
    const bool b = i % 3 == 0;
    csv += fmt::format("{},{},{},{},{},{}\n", n, x, b, k, d, t);
    tsv += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\n", n, x, b ? 1 : 0, k, d, t);
    jsonl += fmt::format("{{\"t\": \"{}\", \"n\": {}, \"x\": {}, \"b\": {}, \"k\": \"{}\", \"d\": \"{}\"}}\n", t,
                         n.empty() ? "null" : n, x, b, k, d);
    inserts += fmt::format("insert into r values({}, {}, {}, '{}', '{}', '{}');", n.empty() ? "null" : n, x, b ? 1 : 0,
                           k, d, t);
  }
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder.path("r.db").c_str(), &db), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(db, (inserts + "commit").c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
  ReadRequest request{
      .fields = {field("n", ir::Kind::Int, true), field("x", ir::Kind::Float), field("b", ir::Kind::Bool),
                 field("k", ir::Kind::Category), field("d", ir::Kind::Date), field("t", ir::Kind::Timestamp)},
      .threads = 2};
  const auto idsOf = [&](const std::string& reader, const std::string& path) {
    request.reader = reader;
    request.files = {{.path = path}};
    const auto result = readFiles(request);
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
    std::vector<Digest> ids;
    if (!result.ok()) return std::pair(ids, std::vector<Column>{});
    for (const Column& column : result->columns) ids.push_back(contentId(column));
    return std::pair(ids, result->columns);
  };
  const auto [ids, columns] = idsOf("csv", folder.write("r.csv", csv));
  ASSERT_EQ(columns.size(), request.fields.size());
  std::vector<NamedColumn> named;
  for (std::size_t c = 0; c < columns.size(); ++c) named.push_back({request.fields[c].name, columns[c]});
  for (const std::string file : {"r.parquet", "r.arrow"}) {
    ASSERT_TRUE(writeTable(folder.path(file), named).ok());
    EXPECT_EQ(idsOf(file.substr(2), folder.path(file)).first, ids) << file;
  }
  EXPECT_EQ(idsOf("tsv", folder.write("r.tsv", tsv)).first, ids);
  EXPECT_EQ(idsOf("jsonl", folder.write("r.jsonl", jsonl)).first, ids);
  for (const std::string file : {"r.csv", "r.tsv", "r.jsonl", "r.parquet", "r.arrow"})
    EXPECT_EQ(idsOf("", folder.path(file)).first, ids) << file;
  request.options = {{"query", {std::string("select * from r order by rowid")}}};
  EXPECT_EQ(idsOf("sqlite", folder.path("r.db")).first, ids);
}

}  // namespace
}  // namespace cd4ml::data
