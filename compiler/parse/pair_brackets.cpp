#include <algorithm>

#include <Cd4mlLexer.h>
#include <fmt/format.h>

#include "compiler/parse/lexed_file.h"

namespace cd4ml::parse {

namespace {

using grammar::Cd4mlLexer;

bool bracesPair(const LexedFile& lexed) {
  std::int64_t open = 0;
  for (const LexedToken& t : lexed.tokens) {
    if (t.type == Cd4mlLexer::LBRACE) ++open;
    if (t.type == Cd4mlLexer::RBRACE && --open < 0) return false;
  }
  return open == 0;
}

/// A declaration's first two tokens at the start of a line.
bool beginsDeclaration(const std::vector<LexedToken>& tokens, std::size_t at) {
  const LexedToken& t = tokens[at];
  if (!t.at_column_zero || !isDeclaration(t.type)) return false;
  for (std::size_t i = at + 1; i < tokens.size(); ++i) {
    if (tokens[i].hidden) continue;
    return isWord(tokens[i].type) || tokens[i].type == Cd4mlLexer::TEXT;
  }
  return false;
}

LexedToken closingAfter(const std::vector<LexedToken>& tokens) {
  LexedToken close;
  close.type = Cd4mlLexer::RBRACE;
  close.begin = close.end = tokens.empty() ? 0 : tokens.back().end;
  close.synthetic = true;
  return close;
}

/// Adds a `}` for each `{` that is open where a declaration begins a line.
void closeBeforeDeclarations(LexedFile& lexed, FileIndex file, diag::Diagnostics& diagnostics) {
  std::vector<LexedToken> out;
  out.reserve(lexed.tokens.size() + 4);
  std::vector<LexedToken> open;
  for (std::size_t i = 0; i < lexed.tokens.size(); ++i) {
    const LexedToken& t = lexed.tokens[i];
    if (!open.empty() && beginsDeclaration(lexed.tokens, i)) {
      const LexedToken& brace = open.back();
      auto& d = diagnostics.add(diag::Code::UnclosedBracket, {file, brace.begin, brace.end}, "this `{` is never closed");
      d.labels.push_back({.span = {file, t.begin, t.end}, .text = "a declaration begins here, so a `}` is missing before it"});
      lexed.reported.push_back(brace.begin);
      for (; !open.empty(); open.pop_back()) out.push_back(closingAfter(out));
    }
    if (t.type == Cd4mlLexer::LBRACE) open.push_back(t);
    if (t.type == Cd4mlLexer::RBRACE && !open.empty()) open.pop_back();
    out.push_back(t);
  }
  if (!open.empty()) {
    const LexedToken& brace = open.back();
    diagnostics.add(diag::Code::UnclosedBracket, {file, brace.begin, brace.end}, "this `{` is never closed")
        .help.emplace_back("the file ends before its `}`");
    for (; !open.empty(); open.pop_back()) out.push_back(closingAfter(out));
  }
  std::sort(lexed.reported.begin(), lexed.reported.end());
  lexed.tokens = std::move(out);
}

/// The deepest recursion that the tokens up to here can ask of a parser.
class Nesting {
 public:
  [[nodiscard]] std::uint32_t see(std::size_t type, std::size_t before) {
    if (type == Cd4mlLexer::MINUS || type == Cd4mlLexer::K_NOT) {
      ++prefixes_;
    } else {
      prefixes_ = 0;
    }
    if (opensBracket(type)) ++brackets_;
    if (closesBracket(type) && brackets_ > 0) --brackets_;
    // `then if` opens a conditional inside a conditional; its last `else` closes it, `else if` goes on.
    if (type == Cd4mlLexer::K_IF && before == Cd4mlLexer::K_THEN) ++conditionals_;
    if (before == Cd4mlLexer::K_ELSE && type != Cd4mlLexer::K_IF && conditionals_ > 0) --conditionals_;
    return brackets_ + prefixes_ + conditionals_;
  }

 private:
  std::uint32_t brackets_ = 0;
  std::uint32_t prefixes_ = 0;
  std::uint32_t conditionals_ = 0;
};

}  // namespace

void pairBrackets(LexedFile& lexed, FileIndex file, diag::Diagnostics& diagnostics) {
  if (!bracesPair(lexed)) closeBeforeDeclarations(lexed, file, diagnostics);
  Nesting nesting;
  std::uint32_t braces = 0;
  std::uint32_t brackets = 0;
  std::size_t before = 0;
  for (LexedToken& t : lexed.tokens) {
    if (t.type == Cd4mlLexer::RBRACE && braces > 0) --braces;
    if (closesBracket(t.type) && brackets > 0) --brackets;
    t.braces = braces;
    t.brackets = brackets;
    if (t.type == Cd4mlLexer::LBRACE) ++braces;
    if (opensBracket(t.type)) ++brackets;
    if (t.hidden) continue;
    const std::uint32_t depth = nesting.see(t.type, before);
    before = t.type;
    if (depth <= max_nesting) continue;
    auto& d = diagnostics.add(diag::Code::NestedTooDeep, {file, t.begin, t.end},
                              fmt::format("brackets and prefix operators nest at most {} deep", max_nesting));
    d.help = {"the file is not read further than its tokens; give an inner expression a name of its own"};
    lexed.too_deep = true;
    return;
  }
}

}  // namespace cd4ml::parse
