#include "runtime/data/parse_pattern.h"
#include "runtime/data/read_case_test.h"

namespace cd4ml::data {
namespace {

ir::Option text(const std::string& name, const std::string& value) { return {name, {value}}; }

const std::vector<SourceField> kDay = {field("d", ir::Kind::Date)};
const std::vector<SourceField> kTime = {field("t", ir::Kind::Timestamp)};

TEST(ReadOptions, Patterns) {
  EXPECT_EQ(read({"d\n01.02.2024\n9.3.1999\n", kDay, {text("dates", "%d.%m.%Y")}}), "2024-02-01 1999-03-09;");
  EXPECT_EQ(read({"d\n2024-02-01\n", kDay, {text("dates", "%d.%m.%Y")}}),
            "CD5005 `rows.csv`, row 1 (line 2), column `d`: `2024-02-01` is no date");
  EXPECT_EQ(read({"d\n29.02.2023\n", kDay, {text("dates", "%d.%m.%Y")}}),
            "CD5005 `rows.csv`, row 1 (line 2), column `d`: `29.02.2023` is no date");
  const ir::Option both = {"dates", {ir::Literal::List{{std::string("%d.%m.%Y")}, {std::string("%d.%m.%Y %H:%M")}}}};
  EXPECT_EQ(read({"d,t\n01.02.2024,01.02.2024 10:30\n02.02.2024,03.02.2024\n", {kDay[0], kTime[0]}, {both}}),
            "2024-02-01 2024-02-02;2024-02-01T10:30:00Z 2024-02-03T00:00:00Z;");
  EXPECT_EQ(read({"t\n1/2/24 12:05 am\n12/31/99 12:05 PM\n", kTime, {text("dates", "%m/%d/%y %I:%M %p")}}),
            "2024-01-02T00:05:00Z 1999-12-31T12:05:00Z;");
  EXPECT_EQ(read({"t\n\"Mon, 05 Feb 2024 10:00:01.5 +0230\"\n", kTime, {text("dates", "%a, %d %b %Y %H:%M:%S.%f %z")}}),
            "2024-02-05T07:30:01.5Z;");
  EXPECT_EQ(read({"t\n1707127201\n-1\n", kTime, {text("dates", "%s"), text("zone", "Europe/Berlin")}}),
            "2024-02-05T10:00:01Z 1969-12-31T23:59:59Z;");
  EXPECT_EQ(read({"d\n2024-060\n", kDay, {text("dates", "%Y-%j")}}), "2024-02-29;");
}

TEST(ReadOptions, EveryPatternThatMeansNothingIsRefused) {
  const auto why = [](const char* pattern) {
    const auto read = ir::readDatePattern(pattern);
    return read.ok() ? std::string("fine") : read.error().message;
  };
  EXPECT_EQ(why("%Y-%m-%d"), "fine");
  EXPECT_EQ(why("%F %T"), "fine");
  EXPECT_EQ(why("%d.%m"), "it has no year, `%Y` or `%y`");
  EXPECT_EQ(why("%Y-%d"), "it has no month, `%m`, `%b` or `%B`");
  EXPECT_EQ(why("%Y-%m"), "it has no day, `%d`");
  EXPECT_EQ(why("%Y-%m-%d %I:%M"), "`%I` counts to 12 and needs `%p`, AM or PM");
  EXPECT_EQ(why("%Y-%m-%d %M"), "it has minutes but no hour, `%H`");
  EXPECT_EQ(why("%Y-%m-%d %d"), "it has `%d` twice");
  EXPECT_EQ(why("dd.mm.yyyy"), "it has no parts such as `%Y`, `%m`, `%d`");
  EXPECT_EQ(why("%Y-%m-%d %"), "it ends in `%`");
  EXPECT_EQ(why("%s %Y"), "`%s` counts seconds since 1970 and stands alone");
}

TEST(ReadOptions, LocalTimes) {
  const std::vector<ir::Option> berlin = {text("zone", "Europe/Berlin")};
  EXPECT_EQ(
      read({"t\n2024-01-15 12:00\n2024-07-15 12:00\n2024-07-15T12:00Z\n2024-07-15T12:00+01:00\n2024-07-15\n", kTime,
            berlin}),
      "2024-01-15T11:00:00Z 2024-07-15T10:00:00Z 2024-07-15T12:00:00Z 2024-07-15T11:00:00Z 2024-07-14T22:00:00Z;");
  // Half past two comes twice on the last Sunday of October: it is the first of them.
  EXPECT_EQ(read({"t\n2024-10-27 02:30\n2024-10-27 03:00\n", kTime, berlin}),
            "2024-10-27T00:30:00Z 2024-10-27T02:00:00Z;");
  EXPECT_EQ(
      read({"t\n2024-03-31 01:59:59\n2024-03-31 02:30\n", kTime, berlin}),
      "CD5005 `rows.csv`, row 2 (line 3), column `t`: `2024-03-31 02:30` is no time in `Europe/Berlin`: the clocks "
      "are set forward over it");
  EXPECT_EQ(read({"t\n2090-07-01 12:00\n1950-07-01 12:00\n", kTime, berlin}),
            "2090-07-01T10:00:00Z 1950-07-01T11:00:00Z;");
  EXPECT_EQ(read({"t\n2024-01-15 12:00\n", kTime, {text("zone", "+05:30")}}), "2024-01-15T06:30:00Z;");
  EXPECT_EQ(
      read({"t\n2024-01-15 12:00\n", kTime, {text("zone", "Europe/Berlim")}}),
      "CD5026 there is no time zone `Europe/Berlim` | did you mean `Europe/Berlin`? | zones have the names of the "
      "IANA database, such as `Europe/Berlin`, or are offsets, `+02:00`");
  EXPECT_TRUE(read({"t\n2024-01-15 12:00\n", kTime, {text("zone", "../../etc/localtime")}}).starts_with("CD5026"));
}

TEST(ReadOptions, Encodings) {
  const std::vector<SourceField> fields = {field("s", ir::Kind::Text), field("n", ir::Kind::Int)};
  EXPECT_EQ(read({"s,n\n\xfc\xe9,1\n", fields, {text("encoding", "latin-1")}}), "\"üé\";1;");
  EXPECT_EQ(read({"s,n\n\x80\xe9,1\n", fields, {text("encoding", "windows-1252")}}), "\"€é\";1;");
  EXPECT_EQ(read({"s,n\n\xa4,1\n", fields, {text("encoding", "latin-9")}}), "\"€\";1;");
  EXPECT_EQ(read({"s,n\n\xcf\xf0\xe8,1\n", fields, {text("encoding", "windows-1251")}}), "\"При\";1;");
  EXPECT_EQ(read({"s,n\nx,1\n\x81,1\n", fields, {text("encoding", "windows-1252")}}),
            "CD5010 `rows.csv`, line 3: the bytes are no windows-1252");
  const std::string little(
      "s\0,\0n\0\n\0\xe4\0,\0"
      "1\0\n\0",
      16);
  EXPECT_EQ(read({"\xff\xfe" + little, fields}), "\"ä\";1;");
  EXPECT_EQ(read({little, fields, {text("encoding", "utf-16")}}), "\"ä\";1;");
  EXPECT_EQ(read({std::string("\xfe\xff\0s\0,\0n\0\n\0\xe4\0,\0"
                              "1",
                              16),
                  fields,
                  {text("encoding", "utf-16")}}),
            "\"ä\";1;");
  EXPECT_EQ(read({"\xff\xfe" + little + "\xd8", fields}),
            "CD5010 `rows.csv`, line 3: the bytes are no UTF-16 | the file may be cut off");
  EXPECT_EQ(read({little, fields}),
            "CD5010 `rows.csv`, line 1: a zero byte, which is no text | the file may be UTF-16: write `encoding: "
            "\"utf-16\"`");
}

TEST(ReadOptions, Tsv) {
  EXPECT_EQ(read({"a\ts\n1\tx,y\n2\t\"p\tq\"\n", {field("a", ir::Kind::Int), field("s", ir::Kind::Text)}, {}, "tsv"}),
            "1 2;\"x,y\" \"p\tq\";");
  EXPECT_EQ(read({"a\ts\n1\t\"x\n", {field("s", ir::Kind::Text)}, {text("quote", "")}, "tsv"}), "\"\"x\";");
}

TEST(ReadOptions, RefusedCellsMayBeNull) {
  Case c{"n,x,d\n1,a,2024-01-01\nb,2,2024-02-30\n3,,x\n",
         {field("n", ir::Kind::Int, true), field("x", ir::Kind::Float, true), field("d", ir::Kind::Date, true)}};
  c.bad_cells = BadCells::Null;
  EXPECT_EQ(
      read(c, 2),
      "1 null 3;null 2 null;2024-01-01 null null;0 column `x`: `a` is no float;1 column `n`: `b` is no int;2 column "
      "`d`: `x` is no date;");
}

}  // namespace
}  // namespace cd4ml::data
