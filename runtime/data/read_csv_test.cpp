#include <gtest/gtest.h>

#include "runtime/data/read_case_test.h"

namespace cd4ml::data {
namespace {

using namespace sample;

const std::vector<SourceField> kFields = {field("day", ir::Kind::Date), field("x", ir::Kind::Float, true),
                                          field("kind", ir::Kind::Category, false, {"b", "a"}),
                                          field("n", ir::Kind::Int)};
const std::string kHead = "day,x,kind,n\n";

TEST(ReadCsv, GoodRows) {
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,a,3\n2024-01-02,,b,4\n", kFields}),
            "2024-01-01 2024-01-02;1.5 null;\"a\" \"b\";3 4;");
  EXPECT_EQ(read({"t,b,w\n2001-01-13T10:00:00Z,true,\"a \"\"q\"\", b\"\n2001-01-13 12:00+02:00,0,\"\"\n",
                  {field("t", ir::Kind::Timestamp), field("b", ir::Kind::Bool), field("w", ir::Kind::Text)}}),
            "2001-01-13T10:00:00Z 2001-01-13T10:00:00Z;true false;\"a \"q\", b\" \"\";");
}

TEST(ReadCsv, OnlyAnEmptyUnquotedFieldIsNull) {
  EXPECT_EQ(read({"k\n\"\"\nNA\n", {field("k", ir::Kind::Category, true)}}), "\"\" \"NA\";");
  EXPECT_EQ(read({"k,x\n,1\nNA,2\n",
                  {field("k", ir::Kind::Category, true)},
                  {{"nulls", {ir::Literal::List{{std::string("NA")}}}}}}),
            "null null;");
  EXPECT_EQ(read({"x\n\"\"\n", {field("x", ir::Kind::Float, true)}}),
            "CD5005 `rows.csv`, row 1 (line 2), column `x`: an empty text is no float");
}

TEST(ReadCsv, NanAndInfinitiesAreFloats) {
  EXPECT_EQ(read({"x\nNaN\ninf\n-inf\n1e3\n", {field("x", ir::Kind::Float)}}), "NaN inf -inf 1000;");
}

TEST(ReadCsv, OnlyDeclaredColumnsAreRead) { EXPECT_EQ(read({"a,b\nx,1\ny,2\n", {field("b", ir::Kind::Int)}}), "1 2;"); }

TEST(ReadCsv, EachFaultIsNamed) {
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,a,3\n2024-01-02,six,b,4\n", kFields}),
            "CD5005 `rows.csv`, row 2 (line 3), column `x`: `six` is no float");
  EXPECT_EQ(read({kHead + "2024-13-01,1.5,a,3\n", kFields}),
            "CD5005 `rows.csv`, row 1 (line 2), column `day`: `2024-13-01` is no date");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,a,3.5\n", kFields}),
            "CD5005 `rows.csv`, row 1 (line 2), column `n`: `3.5` is no int");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,a,\n", kFields}),
            "CD5006 `rows.csv`, row 1 (line 2), column `n`: null, but `int` has no `?` | declare it as `int?` if nulls "
            "may occur");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,hail,3\n", kFields}),
            "CD5007 `rows.csv`, row 1 (line 2), column `kind`: `hail` is none of `category{\"b\", \"a\"}`");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,a,3\n2024-01-02,1,a\n", kFields}),
            "CD5008 `rows.csv`, row 2 (line 3): 3 fields where the header has 4");
  EXPECT_EQ(read({"", kFields}), "CD5003 `rows.csv` is empty");
  EXPECT_EQ(read({kHead, kFields}), "CD5003 `rows.csv` holds no rows");
  EXPECT_EQ(read({"a,a\n1,2\n", {field("a", ir::Kind::Int)}}), "CD5004 `rows.csv` has two columns `a`");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,\xff\xfe,3\n", kFields}),
            "CD5010 `rows.csv`, row 1 (line 2), column `kind`: the bytes are no UTF-8 | if the file has another "
            "encoding, name it: `encoding: \"windows-1252\"`");
  EXPECT_EQ(read({kHead + "2024-01-01,1.5,\"a,3\n", kFields}),
            "CD5008 `rows.csv`, row 1 (line 2): a quote is opened and never closed");
  EXPECT_EQ(read({kHead + std::string("2024-01-01,1.5,a\0,3\n", 20), kFields}),
            "CD5010 `rows.csv`, line 2: a zero byte, which is no text | the file may be damaged");
  EXPECT_EQ(read({"x,s\n1,\xff\n", {field("x", ir::Kind::Int)}}), "1;");
}

TEST(ReadCsv, TheFirstFaultOfAFileWins) {
  EXPECT_EQ(read({kHead + "2024-01-01,1,a,x\n2024-01-02,six,b,4\n", kFields}, 2),
            "CD5005 `rows.csv`, row 1 (line 2), column `n`: `x` is no int");
}

TEST(ReadCsv, LinesAreCountedThroughQuotes) {
  EXPECT_EQ(read({"w,x\n\"two\nlines\",1\n\nplain,bad\n", {field("x", ir::Kind::Int)}}),
            "CD5005 `rows.csv`, row 2 (line 5), column `x`: `bad` is no int");
}

TEST(ReadCsv, MissingColumnsNameWhatIsThere) {
  EXPECT_EQ(read({"prise,day\n1,2\n", {field("price", ir::Kind::Float)}}),
            "CD5004 `rows.csv` has no column `price` | its columns are `prise`, `day` | did you mean `prise`?");
  EXPECT_EQ(read({"day;x\n1;2\n", {field("day", ir::Kind::Date)}}),
            "CD5009 `rows.csv` has one column `day;x` when split at `,` | its fields seem to be split by `;`: write "
            "`delimiter: \";\"`");
  std::string head;
  std::string row;
  for (int i = 0; i < 10'000; ++i) {
    head += (i == 0 ? "c" : ",c") + std::to_string(i);
    row += i == 0 ? "1" : ",1";
  }
  const std::string wide = read({head + "\n" + row + "\n", {field("day", ir::Kind::Date)}});
  EXPECT_TRUE(wide.starts_with("CD5004 `rows.csv` has no column `day`")) << wide.substr(0, 200);
  EXPECT_NE(wide.find("and 9980 more"), std::string::npos);
  EXPECT_EQ(read({head + "\n" + row + "\n", {field("c9999", ir::Kind::Int)}}), "1;");
}

TEST(ReadCsv, Options) {
  EXPECT_EQ(read({"# made by hand\nx;y\n1,5;2\n",
                  {field("x", ir::Kind::Float)},
                  {{"delimiter", {std::string(";")}}, {"decimal", {std::string(",")}}, {"skip", {std::int64_t{1}}}}}),
            "1.5;");
  EXPECT_EQ(read({"1,2\n3,4\n", {field("c2", ir::Kind::Int)}, {{"header", {false}}}}), "2 4;");
  EXPECT_EQ(read({"day\n01.02.2024\n", {field("day", ir::Kind::Date)}, {{"dates", {std::string("%d.%m.%Q")}}}}),
            "CD5014 option `dates: \"%d.%m.%Q\"` of the reader cannot be used: `%Q` is none of its parts");
}

TEST(ReadCsv, LinesEndAsTheyDo) {
  const std::vector<SourceField> fields = {field("a", ir::Kind::Int), field("s", ir::Kind::Text, true)};
  EXPECT_EQ(read({"\xef\xbb\xbf"
                  "a,s\r\n1,x\r\n\r\n2,\"y\r\nz\"\r\n",
                  fields}),
            "1 2;\"x\" \"y\r\nz\";");
  EXPECT_EQ(read({"a,s\r1,x\r2,\r", fields}), "1 2;\"x\" null;");
  EXPECT_EQ(read({"a,s\n1,x\"y\n2,\"p\"\"q\" r\n3,\"\"", fields}), "1 2 3;\"x\"y\" \"p\"q r\" \"\";");
}

TEST(ReadCsv, AFileOfOneColumnHasNullsInEmptyLines) {
  EXPECT_EQ(read({"x\n1\n\n2\n", {field("x", ir::Kind::Int, true)}}), "1 null 2;");
  EXPECT_EQ(read({"x,y\n1,1\n\n2,2\n", {field("x", ir::Kind::Int, true)}}), "1 2;");
}

TEST(ReadCsv, AFieldMayBeLargerThanABlock) {
  const std::string large(5'000'000, 'a');
  const std::string got =
      read({"s,n\n\"" + large + "\",1\nb,2\n", {field("s", ir::Kind::Text), field("n", ir::Kind::Int)}}, 2);
  EXPECT_EQ(got.size(), large.size() + 11);
  EXPECT_TRUE(got.ends_with("\"b\";1 2;")) << got.substr(got.size() - 20);
}

TEST(ReadCsv, FilesAreConcatenatedInTheOrderGiven) {
  const Folder folder;
  ReadRequest request{.reader = "csv", .fields = {field("x", ir::Kind::Int), field("k", ir::Kind::Category)}};
  request.files = {{.path = folder.write("b.csv", "x,k\n1,w\n2,u\n")}, {.path = folder.write("a.csv", "k,x\nv,3\n")}};
  const auto result = readFiles(request);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(contentId(result->columns[0]), contentId(ints({1, 2, 3})));
  EXPECT_EQ(contentId(result->columns[1]), contentId(categories({"w", "u", "v"})));
  EXPECT_EQ(rowPlace(result->files, 2), "`" + folder.path("a.csv") + "`, row 1");
}

TEST(ReadCsv, MissingAndChangedFiles) {
  const Folder folder;
  ReadRequest request{.reader = "csv", .fields = {field("x", ir::Kind::Int)}};
  request.files = {{.path = folder.path("none.csv")}};
  EXPECT_EQ(readFiles(request).error().code, "CD5001");
  request.files = {{.path = folder.write("a.csv", "x\n1\n"), .size = 4, .mtime_ns = 1, .inode = 1}};
  EXPECT_EQ(readFiles(request).error().code, "CD5013");
}

TEST(ReadCsv, ManyRowsOnTwoThreads) {
  std::string text = "x,k\n";
  std::vector<std::optional<std::int64_t>> numbers;
  std::vector<std::optional<std::string>> kinds;
  for (int i = 0; i < 400'000; ++i) {
    numbers.emplace_back(i * 17);
    kinds.emplace_back("k" + std::to_string(i % 7));
    text += std::to_string(i * 17) + "," + *kinds.back() + "\n";
  }
  const Folder folder;
  ReadRequest request{.reader = "csv",
                      .files = {{.path = folder.write("a.csv", text)}},
                      .fields = {field("x", ir::Kind::Int), field("k", ir::Kind::Category)},
                      .threads = 2};
  const auto result = readFiles(request);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(contentId(result->columns[0]), contentId(ints(numbers)));
  EXPECT_EQ(contentId(result->columns[1]), contentId(categories(kinds)));
}

TEST(InferColumns, Csv) {
  const Folder folder;
  std::string text = "n,x,b,d,t,k,w,e\n";
  for (int i = 0; i < 1500; ++i) {
    text += std::to_string(i) + "," + std::to_string(i) + ".5,true,2024-01-01,2024-01-01T10:00:00Z,k" +
            std::to_string(i % 3) + ",w" + std::to_string(i) + "," + (i == 3 ? "" : "1") + "\n";
  }
  ReadRequest request{.reader = "csv", .files = {{.path = folder.write("a.csv", text)}}};
  const auto columns = inferColumns(request);
  ASSERT_TRUE(columns.ok()) << columns.error().message;
  std::string types;
  for (const InferredColumn& c : *columns) types += c.name + ":" + ir::typeText(c.type) + " ";
  EXPECT_EQ(types, "n:int x:float b:bool d:date t:timestamp k:category w:text e:int? ");
  for (const InferredColumn& c : *columns) request.fields.push_back({c.name, c.type, {}});
  EXPECT_TRUE(readFiles(request).ok());
}

}  // namespace
}  // namespace cd4ml::data
