#include <chrono>

#include <gtest/gtest.h>

#include "compiler/parse/parsed.h"

namespace cd4ml::parse {
namespace {

std::string times(std::string_view part, std::size_t n) {
  std::string out;
  out.reserve(part.size() * n);
  for (std::size_t i = 0; i < n; ++i) out += part;
  return out;
}

std::size_t count(const Parsed& parsed, diag::Code code) {
  std::size_t n = 0;
  for (const auto& d : parsed.diagnostics.all()) n += d.code == code ? 1 : 0;
  return n;
}

TEST(Nesting, TwoHundredIsFineAndOneMoreIsNot) {
  EXPECT_EQ(Parsed("param x: int = " + times("(", 200) + "1" + times(")", 200)).said(), "");
  const Parsed deep("param x: int = " + times("(", 201) + "1" + times(")", 201));
  EXPECT_EQ(deep.said(), "1:216 CD0014 brackets and prefix operators nest at most 200 deep\n");
}

TEST(Nesting, DeepAndUnclosedTextsAnswerAtOnce) {
  const std::string head = "table t from f { derive y = ";
  for (const std::string& text : {head + times("(", 10000) + "1" + times(")", 10000) + " }", head + times("[", 10000),
                                  head + times("-", 100000) + "x }", head + times("not ", 100000) + "x }",
                                  head + times("if a then ", 100000) + "b }", times("table t from f {", 10000),
                                  head + times("f(", 10000)}) {
    const auto begin = std::chrono::steady_clock::now();
    const Parsed parsed(text);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    EXPECT_EQ(count(parsed, diag::Code::NestedTooDeep), 1U) << text.substr(0, 60);
    // A quadratic recovery takes twenty seconds here; the bound leaves room for slow and sanitised machines.
    EXPECT_LT(took.count(), 2.0) << text.substr(0, 60);
  }
}

/// An item that swallows the next one's first word is parsed again from there, but only once.
TEST(Nesting, AnItemThatResumesEndsToo) {
  EXPECT_NE(Parsed("evaluate {\n <eur>\n late:\n").said(), "");
  EXPECT_NE(Parsed("evaluate q of m on test {\n auc\n <eur>\n note: text\n late: bool\n}\n").said(), "");
}

TEST(Nesting, LongChainsCostNoStackAndAreReportedOnce) {
  const std::string head = "table t from f { derive y = ";
  for (const std::string& chain : {times("x + ", 20000) + "x", times("x ?? ", 20000) + "x", times("x ** ", 20000) + "x",
                                   times("x and ", 20000) + "x", "x" + times(".f(1)", 20000),
                                   times("if a then b else ", 20000) + "c"}) {
    const Parsed parsed(head + chain + " }");
    EXPECT_EQ(parsed.diagnostics.all().size(), 1U) << chain.substr(0, 20);
    EXPECT_EQ(count(parsed, diag::Code::NestedTooDeep), 1U) << chain.substr(0, 20);
  }
  EXPECT_EQ(Parsed(head + times("x + ", 990) + "x }").said(), "");
}

TEST(Nesting, WideTextsAreFine) {
  EXPECT_EQ(Parsed("param x: list<int> = [" + times("1, ", 20000) + "]").said(), "");
}

}  // namespace
}  // namespace cd4ml::parse
