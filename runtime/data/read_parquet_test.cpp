#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/file.h>
#include <arrow/table.h>
#include <gtest/gtest.h>
#include <parquet/arrow/writer.h>

#include "runtime/data/read.h"
#include "runtime/data/row_id.h"
#include "runtime/data/sample_columns_test.h"
#include "runtime/data/write.h"

namespace cd4ml::data {
namespace {

using namespace sample;

std::vector<NamedColumn> allKinds() {
  return {{"n", ints({1, std::nullopt, 3})},
          {"x", floats({0.1, -0.0, std::nullopt})},
          {"b", bools({1, std::nullopt, 0})},
          {"d", ints({0, 19723, -5}, ir::Kind::Date)},
          {"t", ints({979380000000001, 0, -1}, ir::Kind::Timestamp)},
          {"k", categories({"b", std::nullopt, "a"})},
          {"w", texts({"", std::nullopt, "a,\"b\"\n"})}};
}

ReadRequest requestFor(const std::string& path, const std::vector<NamedColumn>& columns) {
  ReadRequest request{.files = {{.path = path}}};
  for (const NamedColumn& named : columns) {
    request.fields.push_back({named.name, named.column.type, {}});
    request.fields.back().type.nullable = true;
  }
  return request;
}

TEST(WriteTable, EveryFormatReadsBackTheSame) {
  const Folder folder;
  for (const std::string name : {"a.csv", "a.parquet", "a.arrow"}) {
    const std::vector<NamedColumn> columns = allKinds();
    ASSERT_TRUE(writeTable(folder.path(name), columns).ok()) << name;
    const auto back = readFiles(requestFor(folder.path(name), columns));
    ASSERT_TRUE(back.ok()) << name << ": " << back.error().message;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      EXPECT_EQ(contentId(back->columns[c]), contentId(columns[c].column)) << name << " " << columns[c].name;
    }
  }
}

TEST(WriteTable, SaysWhatIsWrong) {
  const Folder folder;
  EXPECT_EQ(writeTable(folder.path("a.xlsx"), allKinds()).error().code, "CD5018");
  EXPECT_EQ(writeTable(folder.path("no/such/a.csv"), allKinds()).error().code, "CD5018");
}

TEST(ReadParquet, IntsWidenAndNothingElseConverts) {
  const Folder folder;
  ASSERT_TRUE(writeTable(folder.path("a.parquet"), {{"n", ints({1, 2})}, {"x", floats({1.5, 2})}}).ok());
  ReadRequest request{.reader = "parquet", .files = {{.path = folder.path("a.parquet")}}};
  ir::Type type;
  type.kind = ir::Kind::Float;
  request.fields = {{"n", type, {}}};
  const auto widened = readFiles(request);
  ASSERT_TRUE(widened.ok());
  EXPECT_EQ(contentId(widened->columns[0]), contentId(floats({1, 2})));
  type.kind = ir::Kind::Int;
  request.fields = {{"x", type, {}}};
  const auto narrowed = readFiles(request);
  ASSERT_FALSE(narrowed.ok());
  EXPECT_EQ(narrowed.error().code, "CD5011");
  EXPECT_NE(narrowed.error().message.find("column `x` holds `double`, which is not read as `int`"), std::string::npos);
  type.kind = ir::Kind::Duration;
  request.fields = {{"n", type, {}}};
  EXPECT_EQ(readFiles(request).error().code, "CD5011");
}

TEST(ReadParquet, NanosecondsAreRoundedDown) {
  const Folder folder;
  arrow::TimestampBuilder times(arrow::timestamp(arrow::TimeUnit::NANO), arrow::default_memory_pool());
  for (const std::int64_t t : {-1, -1000, -1001, 0, 999, 1999}) ASSERT_TRUE(times.Append(t).ok());
  const auto table = arrow::Table::Make(arrow::schema({arrow::field("t", times.type())}), {*times.Finish()});
  auto file = *arrow::io::FileOutputStream::Open(folder.path("n.parquet"));
  const auto properties = parquet::WriterProperties::Builder().version(parquet::ParquetVersion::PARQUET_2_6)->build();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), file, 100, properties).ok());
  ASSERT_TRUE(file->Close().ok());
  ReadRequest request{.reader = "parquet", .files = {{.path = folder.path("n.parquet")}}};
  ir::Type type;
  type.kind = ir::Kind::Timestamp;
  request.fields = {{"t", type, {}}};
  const auto read = readFiles(request);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(contentId(read->columns[0]), contentId(ints({-1, -1, -2, 0, 0, 1}, ir::Kind::Timestamp)));
}

TEST(ReadParquet, ManyRowGroups) {
  const Folder folder;
  std::vector<std::optional<std::string>> kinds;
  std::vector<std::optional<std::int64_t>> numbers;
  for (int i = 0; i < 10'000; ++i) {
    kinds.push_back(i % 11 == 0 ? std::nullopt : std::optional<std::string>("k" + std::to_string(i * i % 97)));
    numbers.push_back(i % 13 == 0 ? std::nullopt : std::optional<std::int64_t>(i));
  }
  arrow::Int64Builder n;
  arrow::LargeStringBuilder k;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    ASSERT_TRUE((numbers[i] ? n.Append(*numbers[i]) : n.AppendNull()).ok());
    ASSERT_TRUE((kinds[i] ? k.Append(*kinds[i]) : k.AppendNull()).ok());
  }
  const auto table =
      arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64()), arrow::field("k", arrow::large_utf8())}),
                         {n.Finish().ValueOrDie(), k.Finish().ValueOrDie()});
  auto out = arrow::io::FileOutputStream::Open(folder.path("a.parquet")).ValueOrDie();
  ASSERT_TRUE(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), out, 777).ok());
  ASSERT_TRUE(out->Close().ok());
  for (const int threads : {1, 2}) {
    ReadRequest request = requestFor(folder.path("a.parquet"), {{"k", categories(kinds)}, {"n", ints(numbers)}});
    request.threads = threads;
    const auto back = readFiles(request);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(contentId(back->columns[0]), contentId(categories(kinds)));
    EXPECT_EQ(contentId(back->columns[1]), contentId(ints(numbers)));
  }
}

// Flipped bits give an error or columns that can be read in full, never a crash.
TEST(ReadFiles, DamageIsSurvived) {
  const Folder folder;
  const std::vector<NamedColumn> columns = allKinds();
  for (const std::string name : {"a.csv", "a.parquet", "a.arrow"}) {
    ASSERT_TRUE(writeTable(folder.path(name), columns).ok());
    std::ifstream in(folder.path(name), std::ios::binary);
    const std::string good((std::istreambuf_iterator<char>(in)), {});
    std::uint64_t state = 1;
    for (int i = 0; i < 200; ++i) {
      std::string bad = good;
      for (int k = 0; k < 3; ++k) {
        state = mix(state + 1);
        bad[state % bad.size()] = static_cast<char>(state >> 32);
      }
      folder.write(name, bad);
      const auto read = readFiles(requestFor(folder.path(name), columns));
      if (!read.ok()) continue;
      for (const Column& column : read->columns) (void)contentId(column);
    }
  }
}

TEST(ReadParquet, NullsAndDamage) {
  const Folder folder;
  const std::string path = folder.path("a.parquet");
  ASSERT_TRUE(writeTable(path, {{"n", ints({1, std::nullopt})}}).ok());
  ReadRequest request{.reader = "parquet", .files = {{.path = path}}};
  ir::Type type;
  type.kind = ir::Kind::Int;
  request.fields = {{"n", type, {}}};
  EXPECT_EQ(readFiles(request).error().message, "`" + path + "`, row 2, column `n`: null, but `int` has no `?`");
  std::ifstream in(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(in)), {});
  folder.write("a.parquet", bytes.substr(0, bytes.size() / 2));
  EXPECT_EQ(readFiles(request).error().code, "CD5002");
  folder.write("a.parquet", "day,x\n1,2\n");
  EXPECT_EQ(readFiles(request).error().code, "CD5002");
  folder.write("a.parquet", "");
  EXPECT_EQ(readFiles(request).error().code, "CD5002");
}

}  // namespace
}  // namespace cd4ml::data
