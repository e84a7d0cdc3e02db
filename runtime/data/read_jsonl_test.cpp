#include "runtime/data/read_case_test.h"

namespace cd4ml::data {
namespace {

const std::vector<SourceField> kFields = {field("n", ir::Kind::Int, true), field("x", ir::Kind::Float, true),
                                          field("b", ir::Kind::Bool, true), field("s", ir::Kind::Text, true),
                                          field("k", ir::Kind::Category, true)};

std::string readJson(const std::string& text, const std::vector<SourceField>& fields = kFields) {
  return read({text, fields, {}, "jsonl"}, 2);
}

TEST(ReadJsonl, Values) {
  EXPECT_EQ(readJson("{\"n\": 9223372036854775807, \"x\": 0.1, \"b\": true, \"s\": \"a\\u00e9\\n\", \"k\": \"v\"}\n"
                     "\n"
                     "  {\"k\": \"\", \"s\": null, \"b\": false, \"x\": 3, \"n\": -9223372036854775808, \"more\": "
                     "{\"n\": [1]}}\r\n"
                     "{}\n{\"x\": 12345678901234567890}"),
            "9223372036854775807 -9223372036854775808 null null;0.1 3 null 12345678901234567168;true false null null;"
            "\"aé\n\" null null null;\"v\" \"\" null null;");
  EXPECT_EQ(readJson("{\"x\": NaN}\n{\"x\": -Infinity}\n", {field("x", ir::Kind::Float)}), "NaN -inf;");
  EXPECT_EQ(readJson("{\"d\": \"2024-02-01\", \"t\": \"2024-02-01T10:00:00+02:00\", \"g\": \"15min\"}\n",
                     {field("d", ir::Kind::Date), field("t", ir::Kind::Timestamp), field("g", ir::Kind::Duration)}),
            "2024-02-01;2024-02-01T08:00:00Z;15min;");
}

TEST(ReadJsonl, AFieldTakesItsOwnTypeOnly) {
  const auto of = [](const std::string& value) {
    return readJson("{\"n\": 1}\n\n{\"n\": " + value + "}\n", {field("n", ir::Kind::Int)});
  };
  const std::string place = "CD5005 `rows.jsonl`, row 2 (line 3), column `n`: ";
  EXPECT_EQ(of("\"2\""), place + "the text `2` is no int");
  EXPECT_EQ(of("2.0"), place + "the number 2.0 is no int");
  EXPECT_EQ(of("9223372036854775808"), place + "`9223372036854775808` does not fit into int");
  EXPECT_EQ(of("true"), place + "`true` is no int");
  EXPECT_EQ(of("{\"n\": 2}"), place + "an object is no int");
  EXPECT_EQ(of("[2]"), place + "a list is no int");
  EXPECT_TRUE(of("null").starts_with("CD5006 `rows.jsonl`, row 2 (line 3), column `n`: null, but `int` has no `?`"));
  EXPECT_TRUE(readJson("{\"n\": 1}\n{\"m\": 2}\n", {field("n", ir::Kind::Int)})
                  .starts_with("CD5006 `rows.jsonl`, row 2 (line 2)"));
  EXPECT_EQ(readJson("{\"s\": 5}\n", {field("s", ir::Kind::Text)}),
            "CD5005 `rows.jsonl`, row 1 (line 1), column `s`: the number 5 is no text");
}

TEST(ReadJsonl, LinesThatAreNoObjects) {
  const std::string help = " | each line holds one whole object: `{\"x\": 1, \"kind\": \"a\"}`";
  const std::vector<SourceField> fields = {field("n", ir::Kind::Int)};
  EXPECT_EQ(readJson("{\"n\": 1}\n{\"n\": 2\n", fields),
            "CD5025 `rows.jsonl`, line 2, column 8: missing a comma or '}' after an object member" + help);
  EXPECT_EQ(readJson("{\"n\": 1} {\"n\": 2}\n", fields),
            "CD5025 `rows.jsonl`, line 1, column 10: the document root must not be followed by other values" + help);
  EXPECT_EQ(readJson("{\"n\": 1}\n17\n", fields),
            "CD5025 `rows.jsonl`, line 2, column 1: the line is no object" + help);
  EXPECT_EQ(readJson("[{\"n\": 1}]\n", fields),
            "CD5025 `rows.jsonl`, line 1, column 1: the line is no object | the file is one list; write an object a "
            "line: `jq -c '.[]' FILE`");
  EXPECT_EQ(readJson("{\"n\": 1, \"n\": 2}\n", fields), "CD5004 `rows.jsonl`, line 1: two members `n` in one object");
  EXPECT_EQ(readJson("{\"n\": 1, \"s\": \"\xff\"}\n", fields), "CD5010 `rows.jsonl`, line 1: the bytes are no UTF-8");
  EXPECT_EQ(readJson("{\"n\": 1e400}\n", fields),
            "CD5025 `rows.jsonl`, line 1, column 7: number too big to be stored in double" + help);
  EXPECT_EQ(readJson("", fields), "CD5003 `rows.jsonl` is empty");
  EXPECT_EQ(readJson("\n \n", fields), "CD5003 `rows.jsonl` is empty");
  EXPECT_EQ(readJson("{\"m\": 1}\n{\"o\": 1}\n", fields),
            "CD5004 `rows.jsonl` has no column `n` | its columns are `m`, `o` | did you mean `m`?");
  EXPECT_EQ(readJson(std::string(100'000, '[') + "\n", fields).substr(0, 40),
            "CD5025 `rows.jsonl`, line 1, column 1: t");
  EXPECT_TRUE(readJson("{\"a\": " + std::string(100'000, '[') + "\n", fields).starts_with("CD5025"));
}

TEST(ReadJsonl, ManyBlocksGiveTheRowsInOrder) {
  std::string text;
  std::vector<std::optional<std::int64_t>> numbers;
  for (int i = 0; i < 300'000; ++i) {
    text += "{\"k\": \"" + std::to_string(i % 9) + "\", \"n\": " + std::to_string(i) + "}\n";
    numbers.emplace_back(i);
  }
  const sample::Folder folder;
  ReadRequest request{.reader = "jsonl",
                      .files = {{.path = folder.write("a.jsonl", text)}},
                      .fields = {field("n", ir::Kind::Int)},
                      .threads = 2};
  const auto result = readFiles(request);
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(contentId(result->columns[0]), contentId(sample::ints(numbers)));
}

TEST(InferColumns, Jsonl) {
  const sample::Folder folder;
  const auto types = [&](const std::string& text) {
    const auto columns = inferColumns({.reader = "jsonl", .files = {{.path = folder.write("a.jsonl", text)}}});
    if (!columns.ok()) return columns.error().message;
    std::string out;
    for (const InferredColumn& c : *columns) out += c.name + ":" + ir::typeText(c.type) + " ";
    return out;
  };
  EXPECT_EQ(types("{\"n\": 1, \"x\": 1, \"d\": \"2024-01-01\", \"z\": null}\n{\"b\": true, \"n\": 2, \"x\": 0.5, "
                  "\"d\": \"2024-01-02\"}\n"),
            "n:int x:float d:date z:text? b:bool? ");
  EXPECT_EQ(types("{\"n\": 1}\n{\"n\": \"a\"}\n"),
            "`" + folder.path("a.jsonl") + "`, column `n` holds numbers and texts");
  EXPECT_EQ(types("{\"n\": {}}\n"), "`" + folder.path("a.jsonl") + "`, column `n` holds values that are not single");
}

}  // namespace
}  // namespace cd4ml::data
