#include "compiler/parse/parse.h"

#include <gtest/gtest.h>

#include "compiler/parse/parsed.h"

namespace cd4ml::parse {
namespace {

using namespace syntax;

/// The text's tokens (comments left out) joined by `between`.
std::string rejoined(const Parsed& parsed, std::string_view between) {
  std::string out;
  for (const Token& t : parsed.tree.tokens) {
    if (t.kind == TokenKind::Comment || t.kind == TokenKind::DocComment) continue;
    out += parsed.sources.text(Span{0, t.begin, t.end});
    out += between;
  }
  return out;
}

/// Doc comments are the one thing that a new layout loses.
std::string withoutDocs(std::string text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(";")) continue;
    const std::size_t doc = line.find(" ; ");
    if (doc != std::string::npos) line = line.substr(0, doc) + ")" + line.substr(line.find_last_not_of(')') + 2);
    out += line + "\n";
  }
  return out;
}

TEST(Parse, FlightsHasItsFifteenDeclarations) {
  const Parsed flights(fileText("tests/parse/flights.cd4ml"));
  EXPECT_EQ(flights.said(), "");
  EXPECT_EQ(flights.tree.decls.size(), 15U);
  EXPECT_EQ(flights.printed(), fileText("tests/parse/flights.tree"));
}

TEST(Parse, EveryConstructOfTheLanguage) {
  const Parsed all(fileText("tests/parse/every_construct.cd4ml"));
  EXPECT_EQ(all.said(), "");
  EXPECT_EQ(all.printed(), fileText("tests/parse/every_construct.tree"));
}

TEST(Parse, LineBreaksMeanNothing) {
  for (const char* path : {"tests/parse/flights.cd4ml", "tests/parse/every_construct.cd4ml"}) {
    const Parsed as_written(fileText(path));
    for (const char* between : {" ", "\n", "\r\n\t"}) {
      const Parsed other(rejoined(as_written, between));
      EXPECT_EQ(other.said(), "") << path;
      EXPECT_EQ(withoutDocs(other.printed()), withoutDocs(as_written.printed())) << path;
    }
  }
}

TEST(Parse, KeepsEveryByte) {
  const std::string broken = "\xEF\xBB\xBFtable t from { filter a && ; # c\n ## d\n x \xC3\xB6 '1' @2024 } } \"open\n``";
  for (const std::string& text : {fileText("tests/parse/every_construct.cd4ml"), broken}) {
    const Parsed parsed(text);
    std::uint32_t at = 0;
    for (const Token& t : parsed.tree.tokens) {
      ASSERT_LE(at, t.begin);
      EXPECT_EQ(text.substr(at, t.begin - at).find_first_not_of(" \t\r\n\xEF\xBB\xBF"), std::string::npos);
      EXPECT_LT(t.begin, t.end);
      at = t.end;
    }
    EXPECT_EQ(text.substr(at).find_first_not_of(" \t\r\n"), std::string::npos);
  }
}

TEST(Parse, PlacesOfNodes) {
  const std::string text = "# größe\ntable t from f {\n  derive `a b` = -x ** 2 + f(y)\n}\n";
  const Parsed parsed(text);
  const auto& table = std::get<TableDecl>(parsed.tree.decls.at(0));
  EXPECT_EQ(parsed.sources.text(table.head_span), "table t");
  EXPECT_EQ(parsed.sources.text(table.span), text.substr(text.find("table"), text.rfind('}') - text.find("table") + 1));
  const auto& derive = std::get<DeriveVerb>(table.verbs.at(0));
  EXPECT_EQ(derive.name.text, "a b");
  EXPECT_TRUE(derive.name.quoted);
  EXPECT_EQ(parsed.sources.text(derive.span), "derive `a b` = -x ** 2 + f(y)");
  const Expr& sum = parsed.tree[derive.value];
  EXPECT_EQ(parsed.sources.text(sum.span), "-x ** 2 + f(y)");
  EXPECT_EQ(parsed.sources.text(parsed.tree[sum.operands[0]].span), "-x ** 2");
  EXPECT_EQ(parsed.sources.text(parsed.tree[sum.operands[1]].span), "f(y)");
  const Token& first = parsed.tree.tokens[sum.tokens.first];
  EXPECT_EQ(parsed.sources.text(Span{0, first.begin, first.end}), "-");
}

std::string exprOf(const std::string& text) {
  const Parsed parsed("table t from f { filter " + text + " }");
  if (!parsed.said().empty()) return parsed.said();
  return printExpr(parsed.tree, std::get<FilterVerb>(std::get<TableDecl>(parsed.tree.decls.at(0)).verbs.at(0)).condition);
}

TEST(Parse, Precedence) {
  EXPECT_EQ(exprOf("-x ** 2"), "(neg (** x 2))");
  EXPECT_EQ(exprOf("2 ** -1 ** 2"), "(** 2 (neg (** 1 2)))");
  EXPECT_EQ(exprOf("2 ** -x * 3"), "(* (** 2 (neg x)) 3)");
  EXPECT_EQ(exprOf("a ** b ** c"), "(** a (** b c))");
  EXPECT_EQ(exprOf("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(exprOf("a + b * c // d % e"), "(+ a (% (// (* b c) d) e))");
  EXPECT_EQ(exprOf("-a * b"), "(* (neg a) b)");
  EXPECT_EQ(exprOf("a ?? b ?? c + 1"), "(?? a (?? b (+ c 1)))");
  EXPECT_EQ(exprOf("x in 1 + 1..a ?? 3"), "(in x (.. (+ 1 1) (?? a 3)))");
  EXPECT_EQ(exprOf("not a == b and c or d and not not e"), "(or (and (not (== a b)) c) (and d (not (not e))))");
  EXPECT_EQ(exprOf("a is not null or b is null"), "(or (is-not-null a) (is-null b))");
  EXPECT_EQ(exprOf("a not in {1} and b in [2]"), "(and (not-in a (set 1)) (in b (list 2)))");
  EXPECT_EQ(exprOf("if a then b else if c then d else e or f"), "(if a b (if c d (or e f)))");
  EXPECT_EQ(exprOf("if a then if b then c else d else e"), "(if a (if b c d) e)");
  EXPECT_EQ(exprOf("0 < x < 9"), "(< (< 0 x) 9)");
  EXPECT_EQ(exprOf("a.b.f(1).g"), "(. (call f .(. a b) 1) g)");
  EXPECT_EQ(exprOf("count(x) over (by k, gap 28d, last 7d) + 1"), "(+ (over (call count x) by:k gap:28d last:7d) 1)");
}

TEST(Parse, Literals) {
  EXPECT_EQ(exprOf("1_000 + 0.5 + 1e-3 + 2E3"), "(+ (+ (+ 1000 0.5f) 0.001f) 2000f)");
  EXPECT_EQ(exprOf("80% + 99.9% + 0.1% + 5e1%"), "(+ (+ (+ (percent 0.8) (percent 0.999)) (percent 0.001)) (percent 0.5))");
  EXPECT_EQ(exprOf("300mi + 12.5eur + 1e3eur + 1mo"), "(+ (+ (+ 300mi 12.5eur) 1000eur) 1mo)");
  EXPECT_EQ(exprOf("@1970-01-02 < @1969-12-31"), "(< (date 1) (date -1))");
  EXPECT_EQ(exprOf("@1970-01-01T00:00:01.5Z"), "(timestamp 1500000)");
  EXPECT_EQ(exprOf("@2024-06-01-1d"), "(- (date 19875) 1d)");
  EXPECT_EQ(exprOf(R"("a\"b\\\n\u00e4\ud83d\ude00" == r"\n")"), "(== \"a\\\"b\\\\\\n\u00e4\U0001F600\" \"\\\\n\")");
  EXPECT_EQ(exprOf("5in"), "1:25 CD0009 `in` is not a unit: put a space before it\n");
  EXPECT_EQ(exprOf("9223372036854775807"), "9223372036854775807");
}

TEST(Parse, NamesMayBeContextualWords) {
  EXPECT_EQ(exprOf("from + on * by(last: table) - filter.group"), "(- (+ from (* on (call by last:table))) (. filter group))");
}

TEST(Parse, GreaterAndEqualsOfATypeAreTwoSigns) {
  const Parsed parsed("param f: float<eur/kg^2>=3eur in 1eur..5eur");
  EXPECT_EQ(parsed.said(), "");
  EXPECT_EQ(parsed.printed(), "(param f float<eur/kg^2> default:3eur in:(.. 1eur 5eur))\n");
  EXPECT_EQ(exprOf("a >= 3eur"), "(>= a 3eur)");
}

TEST(Parse, DocsDocumentWhatFollows) {
  const Parsed parsed("## one\n##  two \n# plain\nsource s = csv(\"x\") {\n  ## the key\n  k: int ## stray\n}\n### plain\n");
  EXPECT_EQ(parsed.printed(), "; one\n two\n(source s (call csv \"x\")\n  (field k int ; the key))\n");
  EXPECT_EQ(parsed.said(), "6:10 CD0016 this `##` comment documents nothing\n");
}

}  // namespace
}  // namespace cd4ml::parse
