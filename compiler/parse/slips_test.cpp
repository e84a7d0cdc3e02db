/// What people get wrong, and what they are told: one message a slip, and the rest of the file is read.
#include <algorithm>

#include <gtest/gtest.h>

#include "compiler/parse/parsed.h"

namespace cd4ml::parse {
namespace {

using diag::Code;

struct Slip {
  Code code;
  std::string text;
  std::string said;      ///< the whole list
  bool fixable = false;  ///< the fixes give a program without errors
};

std::string table(const std::string& items) { return "table t from f {\n  " + items + "\n  drop z\n}\n"; }
std::string features(const std::string& items) { return "features x from f {\n  " + items + "\n  z = 1\n}\n"; }

const std::vector<Slip>& slips() {
  static const std::vector<Slip> rows = {
      {Code::UnexpectedToken, table("filter if a then b"), "2:10 CD0001 this `if` has no `else`\n"},
      {Code::UnexpectedToken, table("filter 1 + if a then b else c"), "2:14 CD0001 expected an expression, found `if`\n"},
      {Code::UnexpectedToken, table("filter a and\n  select b"), "2:12 CD0001 `and` has nothing on its right side\n"},
      {Code::UnexpectedToken, features("a =\n  b = 2"), "2:5 CD0001 `=` has nothing on its right side\n"},
      {Code::UnexpectedToken, features("a = f(b, c\n  d = 2"), "3:3 CD0001 expected `)` or `,`, found `d`\n"},
      {Code::UnexpectedToken, "table t form f {\n}\n", "1:9 CD0001 unknown word `form`: did you mean `from`?\n", true},
      {Code::UnexpectedToken, "model m gbdt(f)\npipeline p\n", "1:9 CD0001 expected `=`, found `gbdt`\n"},
      {Code::UnexpectedToken, table("filter a is not None"), "2:19 CD0001 expected `null`, found `None`\n", true},
      {Code::UnexpectedToken, table("dedupe by k keep newest"), "2:20 CD0001 expected `first` or `last`, found `newest`\n"},
      {Code::UnexpectedToken, "param n: int = a > 3\npipeline p\n", "1:18 CD0001 did not expect `>` after `a`\n"},
      {Code::UnclosedBracket, "table t from f {\n  drop a\n\npipeline p\n", "1:16 CD0002 this `{` is never closed\n"},
      {Code::UnclosedBracket, "pipeline p\ntable t from f {\n  drop a\n", "2:16 CD0002 this `{` is never closed\n"},
      {Code::UnclosedBracket, "table t from f { drop a } }\npipeline p\n", "1:27 CD0002 this `}` closes nothing\n"},
      {Code::ReservedWord, table("filter a AND b"), "2:12 CD0003 `AND` is written `and` in cd4ml\n", true},
      {Code::ReservedWord, "source s = csv(\"x\") {\n  over: int\n  Null: int\n}\n",
       "2:3 CD0003 `over` is a reserved word and cannot be a bare name\n"
       "3:3 CD0003 `Null` is reserved in every letter case and cannot be a bare name\n", true},
      {Code::ReservedWord, features("match = 3"), "2:3 CD0003 `match` is a reserved word and cannot be a bare name\n", true},
      {Code::ForeignOperator, table("filter a && !b || c <> d"),
       "2:12 CD0004 `&&` is written `and` in cd4ml\n2:15 CD0004 `!` is written `not` in cd4ml\n"
       "2:18 CD0004 `||` is written `or` in cd4ml\n2:23 CD0004 `<>` is written `!=` in cd4ml\n", true},
      {Code::ForeignOperator, table("drop a;\n  drop b;"), "2:9 CD0004 cd4ml needs no `;`\n", true},
      {Code::UnclosedText, "param p: text = \"abc\nparam q: int = 1\n", "1:17 CD0005 this text is not closed on its line\n", true},
      {Code::SingleQuotes, "param p: text = 'abc'\n", "1:17 CD0006 a text stands in double quotes\n", true},
      {Code::BadEscape, "param p: text = \"a\\qb\\u12\"\n",
       "1:19 CD0007 `\\q` is not an escape of texts\n1:22 CD0007 `\\u` is not an escape of texts\n"},
      {Code::BadEscape, "param p: text = \"\\ud83d\"\n", "1:18 CD0007 half of a surrogate pair is not a character\n"},
      {Code::BadNumber, table("filter a > .5 and b > 1. and c > 007"),
       "2:14 CD0008 a number has digits on both sides of its point\n2:25 CD0008 a number has digits on both sides of its point\n"
       "2:36 CD0008 `007`: a number has no leading zeros\n", true},
      {Code::BadNumber, table("filter a > 0x10 or b > 1_ or c > 9223372036854775808 or d > 1e999"),
       "2:14 CD0008 `0x10`: numbers are written in decimal\n2:26 CD0008 `1_`: an underscore stands between two digits\n"
       "2:36 CD0008 `9223372036854775808` does not fit a 64-bit integer\n2:63 CD0008 `1e999` does not fit a 64-bit float\n"},
      {Code::GluedUnit, "evaluate e of m on test {\n  auc min 500rows\n}\n", "2:11 CD0009 `rows` is not a unit: put a space before it\n", true},
      {Code::GluedUnit, table("filter if a then 1else 2"), "2:20 CD0009 `else` is not a unit: put a space before it\n", true},
      {Code::GluedPercent, table("derive a = 10%n"), "2:14 CD0010 `10%` touches what follows: a percent or a modulo?\n", true},
      {Code::BadTime, table("filter a > @2024-6-1"), "2:14 CD0011 `@2024` is not a date\n"},
      {Code::BadTime, table("filter a > @2023-02-29 or a > @2024-06-01T24:00Z or a > @2024-06-01T10:00"),
       "2:14 CD0011 `@2023-02-29` is not in the calendar\n"
       "2:33 CD0011 `@2024-06-01T24:00Z`: hours end at 23, minutes and seconds at 59\n"
       "2:59 CD0011 `@2024-06-01T10:00`: a point in time is in UTC and ends with `Z`\n"},
      {Code::UnknownDeclaration, "tabel t from f {\n}\n", "1:1 CD0012 unknown declaration `tabel`: did you mean `table`?\n", true},
      {Code::UnknownDeclaration, "hello world {\n  a = 1\n}\npipeline p\n", "1:1 CD0012 expected a declaration, found `hello`\n"},
      {Code::UnknownItem, table("where a > 3"), "2:3 CD0013 unknown item `where`: did you mean `filter`?\n", true},
      {Code::UnknownItem, "gate g on q {\n  demand auc > 3\n  require auc > 1\n}\n",
       "2:3 CD0013 expected an item of `gate`: require, warn, otherwise, found `demand`\n"},
      {Code::BadCharacter, table("filter a $ b"), "2:12 CD0015 `$` has no meaning here\n"},
      {Code::BadCharacter, "pipeline p # \xFF\n", "1:14 CD0015 the file is not UTF-8 from here on\n"},
      {Code::MisplacedDoc, table("drop a ## why"), "2:10 CD0016 this `##` comment documents nothing\n", true},
      {Code::BadName, table("derive größe = 1"), "2:10 CD0017 the name `größe` needs backquotes\n", true},
      {Code::BadName, table("drop ``"), "2:8 CD0017 a name in backquotes must not be empty\n"},
      {Code::EqualsSign, table("filter a = 3"), "2:12 CD0018 `=` gives a name to a value; to compare, write `==`\n", true},
      {Code::EqualsSign, table("derive a == 3"), "2:12 CD0018 `==` compares; to give a name to a value, write `=`\n", true},
      {Code::EqualsSign, features("a = f(b, smooth=20)"), "2:18 CD0018 options are written `name: value`\n"},
      {Code::EqualsSign, features("target = late"), "2:10 CD0018 `target` takes its expression without `=`\n", true},
      {Code::EqualsSign, "param n = 200\n", "1:9 CD0018 a `param` has a type before its `=`\n", true},
      {Code::StrayComma, "evaluate e of m on test {\n  auc,\n  log_loss\n}\n", "2:6 CD0019 the items of `evaluate` stand without commas\n", true},
      {Code::StrayComma, "table t from f {\n  select a, b,\n}\n", "2:14 CD0019 a bare list of names does not end with a comma\n", true},
      {Code::MixedBraces, table("filter a in {1, b: 2}"), "2:15 CD0020 these braces hold entries with and without a name\n"},
  };
  return rows;
}

/// The text with the first fix of each diagnostic applied, from the end so that places stay right.
std::string fixedText(const Parsed& parsed) {
  std::vector<diag::Edit> edits;
  for (const diag::Diagnostic& d : parsed.diagnostics.all()) {
    if (!d.fixes.empty()) edits.insert(edits.end(), d.fixes.front().edits.begin(), d.fixes.front().edits.end());
  }
  std::sort(edits.begin(), edits.end(), [](const diag::Edit& a, const diag::Edit& b) { return a.span.begin > b.span.begin; });
  std::string text(parsed.sources.text(0));
  for (const diag::Edit& e : edits) text.replace(e.span.begin, e.span.end - e.span.begin, e.replacement);
  return text;
}

TEST(Slips, EachHasItsMessageAndItsFix) {
  for (const Slip& slip : slips()) {
    const Parsed parsed(slip.text);
    EXPECT_EQ(parsed.said(), slip.said) << slip.text;
    if (!slip.fixable) continue;
    EXPECT_EQ(Parsed(fixedText(parsed)).said(), "") << slip.text << "became\n" << fixedText(parsed);
  }
}

TEST(Slips, EveryCodeOfSyntaxHasAnExample) {
  for (const Code code : diag::allCodes()) {
    const bool tested_elsewhere = code == Code::NestedTooDeep || code == Code::UnusedAllow;
    if (static_cast<unsigned>(code) >= 1000 || tested_elsewhere) continue;
    const bool found = std::any_of(slips().begin(), slips().end(), [code](const Slip& s) { return s.said.find(diag::codeText(code)) != std::string::npos; });
    EXPECT_TRUE(found) << diag::codeText(code);
  }
}

TEST(Slips, ManyInOneFileAreAllSeenAndTheRestIsKept) {
  const Parsed parsed(
      "pipeline p\n"
      "param n = 3\n"
      "source s = csv('f.csv') {\n  a: int chek a > 0\n  b: flot\n}\n"
      "table t from s {\n  filter a = 1\n  fliter b > 2\n  derive c = a +\n  drop a\n}\n"
      "evaluate e of m on test {\n  auc,\n  log_loss min 5rows\n}\n"
      "gate g on e {\n  require auc >= \n  otherwise hold, notify\n}\n"
      "notify ops = webhook(secret(\"A\")\n"
      "deploy d of m when g { rolout shadow 5 requests }\n");
  EXPECT_EQ(parsed.said(),
            "2:9 CD0018 a `param` has a type before its `=`\n"
            "3:16 CD0006 a text stands in double quotes\n"
            "4:10 CD0001 unknown word `chek`: did you mean `check`?\n"
            "8:12 CD0018 `=` gives a name to a value; to compare, write `==`\n"
            "9:3 CD0013 unknown item `fliter`: did you mean `filter`?\n"
            "10:16 CD0001 `+` has nothing on its right side\n"
            "14:6 CD0019 the items of `evaluate` stand without commas\n"
            "15:16 CD0009 `rows` is not a unit: put a space before it\n"
            "18:15 CD0001 `>=` has nothing on its right side\n"
            "20:1 CD0001 expected a name, found `}`\n"
            "22:1 CD0001 expected `)` or `,`, found `deploy`\n"
            "22:24 CD0013 unknown item `rolout`: did you mean `rollout`?\n");
  EXPECT_EQ(parsed.tree.decls.size(), 8U);
}

TEST(Slips, AMissingBraceCostsOneMessageWhereverItIsMissing) {
  const std::string flights = fileText("tests/parse/flights.cd4ml");
  std::size_t tried = 0;
  for (std::size_t at = flights.find("\n}\n"); at != std::string::npos; at = flights.find("\n}\n", at + 1)) {
    std::string text = flights;
    text.erase(at + 1, 2);
    const Parsed parsed(text);
    EXPECT_EQ(parsed.diagnostics.all().size(), 1U) << text.substr(at > 40 ? at - 40 : 0, 80) << parsed.said();
    EXPECT_EQ(parsed.tree.decls.size(), 15U);
    ++tried;
  }
  EXPECT_EQ(tried, 9U);
}

/// Every token of the example taken away in turn: no crash, few messages, and the other declarations stay.
TEST(Slips, AnyTokenMayBeMissing) {
  const std::string flights = fileText("tests/parse/flights.cd4ml");
  const Parsed whole(flights);
  std::size_t messages = 0;
  for (const syntax::Token& t : whole.tree.tokens) {
    std::string text = flights;
    text.replace(t.begin, t.end - t.begin, " ");
    const Parsed parsed(text);
    messages += parsed.diagnostics.all().size();
    EXPECT_LE(parsed.diagnostics.all().size(), 4U) << parsed.said() << "without `" << flights.substr(t.begin, t.end - t.begin) << "` at " << t.begin;
    EXPECT_GE(parsed.tree.decls.size(), 14U) << t.begin;
  }
  EXPECT_LT(static_cast<double>(messages) / static_cast<double>(whole.tree.tokens.size()), 1.2);
}

TEST(Slips, AFileMayBeginWithCommas) {
  for (const char* text : {",", ", ", ",,", ", a", ",a,"}) EXPECT_NE(Parsed(text).said(), "") << text;
}

/// A block whose `{` is missing at the end of the file has no first token; the item before the end is read again.
TEST(Slips, ABlockMayBeginAtTheEndOfTheFile) {
  for (const char* text : {"split f by time\n\nevaluate q of m on test", "features f from s {price  target late\n  price = \n}\n\nevaluate q of m on test",
                           "pipeline p\ntable t from", "table t from s {\n  filter x = \nevaluate q of m on"}) {
    EXPECT_NE(Parsed(text).said(), "") << text;
  }
}

/// Every expression covers a piece of the text, also where nothing could be read.
TEST(Slips, SpansAreNeverUpsideDown) {
  for (const char* text : {"model late ={", "model source = {(trip)", "gate g on q require auc >= {"}) {
    const Parsed parsed(text);
    for (const syntax::Expr& expr : parsed.tree.exprs) EXPECT_LE(expr.span.begin, expr.span.end) << text;
  }
}

}  // namespace
}  // namespace cd4ml::parse
