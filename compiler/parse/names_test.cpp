/// Contextual words stay usable as names: random sequences of items whose every name is such a word parse as the items
/// do alone, and prediction never needs the full context.
#include <array>
#include <map>
#include <random>

#include <BaseErrorListener.h>
#include <Cd4mlLexer.h>
#include <Cd4mlParser.h>
#include <CommonTokenStream.h>
#include <gtest/gtest.h>

#include "compiler/parse/byte_stream.h"
#include "compiler/parse/parsed.h"

namespace cd4ml::parse {
namespace {

using grammar::Cd4mlLexer;
using grammar::Cd4mlParser;

std::vector<std::string> contextualWords() {
  const Cd4mlParser parser(nullptr);
  std::vector<std::string> words;
  for (std::size_t type = Cd4mlParser::K_PIPELINE; type <= Cd4mlParser::K_REST; ++type) {
    const std::string literal = parser.getVocabulary().getLiteralName(type);
    words.push_back(literal.substr(1, literal.size() - 2));
  }
  return words;
}

/// Items of one kind of block. In a template N is any name, M a metric's, A an action's, F a feature's, E an expression, B one without a bare `if`.
struct BlockCase {
  std::string head;
  std::vector<std::string> items;
};

const std::vector<BlockCase>& blockCases() {
  static const std::vector<BlockCase> cases = {
      {"table t from f",
       {"filter E", "derive N = E", "derive N = E @time", "select N, N", "drop N", "rename N as N", "join N on N", "join inner N on N, N == N",
        "join many N.N on N as N", "asof N on N within N", "asof N on N ahead (E) as N", "group by N, N = E { N = E N = E }",
        "dedupe by N, N keep last", "dedupe by N keep first by N", "sample 10%", "sample (E)", "union N.N", "fill every N by N",
        "require E", "warn E for 90%"}},
      {"features f from t",
       {"target E", "target E after 1d known N, N", "target E via N after N", "weight E", "use N, N", "use all except N", "F = E"}},
      {"evaluate q of m on test", {"M", "M(N: E)", "M by N", "M by N, N min 5 rows", "M min 5 rows", "N = E", "N = E by N min 5 rows"}},
      {"gate g on q",
       {"require E", "warn E", "require E confident 95%", "require E confident 95% for 90% of N", "require worst M by N >= N",
        "require gap M by N, N - N <= worst M by N", "otherwise A, notify N, A(N: E)", "otherwise notify N"}},
      {"deploy d of m",
       {"rollout N 500 requests, N [5%, 10%]", "rollout N 24h", "guard E", "settle 24h", "keep 3 versions", "after N.N", "after N 24h",
        "output N = E", "capture 5%", "when N => A, notify N"}},
      {"source s = csv(\"x\")",
       {"N: N", "N: N?", "N: N<N/N>", "N: N{\"a\"} @time", "N: N check E", "N: N check E for 99% check E", "N: N from \"x\"", "require E"}},
      {"model m = gbdt(f)",
       {"tune by N(N: E) maximize N.N { N in 1..N N in log N..5 N in {1} }", "threshold N", "threshold minimize N.N", "min 5 rows",
        "fallback N"}},
      {"split f by N(N: E)", {"N 70%", "N 28d", "N rest", "N (E)"}},
      {"profile p", {"N = 3", "N.N = N", "N = -N + 3", "N = N(N: E)", "N = [E, E]"}},
      {"schema s", {"N: N", "N: N<N>? @time", "N: N check E for 99%", "require E"}},
      {"stage s = command(\"x\")",
       {"input N = N.N", "input N = N", "input \"x\"", "input N = \"x\"", "output N = \"x\"", "timeout 1h", "retries (E)", "env { N: E }"}},
      {"monitor m of d",
       {"window 1d", "window (E) min 5 rows", "baseline N", "baseline last 28d", "drift N", "drift N, N by N, N", "drift(N: E) N", "quality",
        "estimate M", "estimate M(N: E)", "missing", "volume", "schema", "freshness 2h", "require E", "labels within 2d", "cooldown 24h",
        "budget 3 per 7d", "every 7d => A, notify N", "when N => A(N: E), A", "when N >= 500 => notify N.N"}},
      {"test \"x\"", {"given N = [{ N: E }, { N: E, N: E }]", "given N.N = []", "expect E", "expect E within N", "expect error \"x\""}},
  };
  return cases;
}

class Writer {
 public:
  explicit Writer(std::uint32_t seed) : random_(seed), words_(contextualWords()) {}

  std::string item(const BlockCase& block) { return filled(block.items[pick(block.items.size())], 2); }
  std::size_t pick(std::size_t n) { return random_() % n; }

 private:
  std::string filled(const std::string& shape, int depth) {
    std::string out;
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const bool alone = (i == 0 || std::isalnum(static_cast<unsigned char>(shape[i - 1])) == 0) &&
                         (i + 1 == shape.size() || std::isalnum(static_cast<unsigned char>(shape[i + 1])) == 0);
      switch (alone ? shape[i] : ' ') {
        case 'N': out += word(""); break;
        case 'M': out += word(" by "); break;
        case 'A': out += word(" notify "); break;
        case 'F': out += word(" target weight use after known group "); break;
        case 'E': out += expression(depth, shape_count); break;
        case 'B': out += expression(depth, shape_count - 1); break;
        default: out += shape[i];
      }
    }
    return out;
  }

  std::string word(std::string_view but) {
    for (;;) {
      const std::string& w = words_[pick(words_.size())];
      if (but.find(" " + w + " ") == std::string_view::npos) return w;
    }
  }

  static constexpr std::size_t shape_count = 19;

  std::string expression(int depth, std::size_t count) {
    static constexpr std::array<std::string_view, shape_count> shapes = {
        "N", "N.N", "N(N)", "3", "\"x\"", "24h", "N + N", "-N", "(N)", "N(N: E)", "B and not B", "B in {1, E}", "B is not null", "N ?? B",
        "count(N) over (by N, last, gap 1d, last 7d)", "match N { 1 => E, else => E }", "N == B", "lag(N, 3 rows).N",
        "if B then E else B"};
    // At the bottom only shapes without expressions in them.
    return filled(std::string(shapes[pick(depth > 0 ? count : 9)]), depth - 1);
  }

  std::mt19937 random_;
  std::vector<std::string> words_;
};

/// The printed items of a block, without its head and its last bracket.
std::string itemsOf(const Parsed& parsed) {
  const std::string all = parsed.printed();
  const std::size_t first = all.find('\n');
  return first == std::string::npos || all.size() < first + 2 ? "" : all.substr(first + 1, all.size() - first - 3) + "\n";
}

TEST(Names, SequencesOfItemsSplitWhereItemsBegin) {
  // Other sequences: --gtest_shuffle --gtest_random_seed=1 --gtest_repeat=40
  Writer writer(20240601U + static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed()));
  constexpr int rounds = 1500;
  RecordProperty("sequences", rounds);
  for (int round = 0; round < rounds; ++round) {
    const BlockCase& block = blockCases()[writer.pick(blockCases().size())];
    std::string text = block.head + " {";
    std::multimap<bool, std::string> alone;  // a source prints its fields before its rules
    const std::size_t n = 2 + writer.pick(5);
    for (std::size_t i = 0; i < n; ++i) {
      const std::string item = writer.item(block);
      const Parsed single(block.head + " { " + item + " }");
      ASSERT_EQ(single.said(), "") << item;
      const std::string printed = itemsOf(single);
      alone.emplace((block.head.starts_with("source") || block.head.starts_with("schema")) && printed.starts_with("  (require"), printed);
      text += (writer.pick(2) == 0 ? " " : "\n") + item;
    }
    const Parsed together(text + " }");
    ASSERT_EQ(together.said(), "") << text;
    std::string expected;
    for (const auto& [rule, printed] : alone) expected += printed;
    ASSERT_EQ(itemsOf(together), expected) << text;
  }
}

/// Counts what the parser reports when it must look at the full context or finds two readings.
class Attempts final : public antlr4::BaseErrorListener {
 public:
  void syntaxError(antlr4::Recognizer*, antlr4::Token*, std::size_t, std::size_t, const std::string&, std::exception_ptr) override { ++errors; }
  void reportAmbiguity(antlr4::Parser*, const antlr4::dfa::DFA&, std::size_t, std::size_t, bool, const antlrcpp::BitSet&,
                       antlr4::atn::ATNConfigSet*) override { ++ambiguities; }
  void reportAttemptingFullContext(antlr4::Parser*, const antlr4::dfa::DFA&, std::size_t, std::size_t, const antlrcpp::BitSet&,
                                   antlr4::atn::ATNConfigSet*) override { ++full_contexts; }
  int errors = 0;
  int ambiguities = 0;
  int full_contexts = 0;
};

Attempts attemptsOf(const std::string& text) {
  Attempts seen;
  ByteStream bytes(text);
  Cd4mlLexer lexer(&bytes);
  antlr4::CommonTokenStream tokens(&lexer);
  Cd4mlParser parser(&tokens);
  parser.removeErrorListeners();
  parser.addErrorListener(&seen);
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::LL_EXACT_AMBIG_DETECTION);
  parser.file();
  return seen;
}

TEST(Names, FullContextIsNeverTried) {
  Writer writer(7U + static_cast<std::uint32_t>(::testing::UnitTest::GetInstance()->random_seed()));
  std::vector<std::string> texts = {fileText("tests/parse/flights.cd4ml"), fileText("tests/parse/every_construct.cd4ml")};
  for (int round = 0; round < 300; ++round) {
    const BlockCase& block = blockCases()[writer.pick(blockCases().size())];
    std::string text = block.head + " {";
    for (std::size_t i = 0; i < 6; ++i) text += " " + writer.item(block);
    texts.push_back(text + " }");
  }
  int full_contexts = 0;
  int ambiguities = 0;
  for (const std::string& text : texts) {
    const Attempts seen = attemptsOf(text);
    full_contexts += seen.full_contexts;
    ambiguities += seen.ambiguities;
    EXPECT_EQ(seen.full_contexts, 0) << text;
    EXPECT_EQ(seen.ambiguities, 0) << text;
  }
  RecordProperty("texts", static_cast<int>(texts.size()));
  RecordProperty("full_contexts", full_contexts);
  RecordProperty("ambiguities", ambiguities);
}

}  // namespace
}  // namespace cd4ml::parse
