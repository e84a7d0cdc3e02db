#include "compiler/parse/parse.h"

#include <Cd4mlLexer.h>
#include <Cd4mlParser.h>
#include <CommonTokenStream.h>
#include <ListTokenSource.h>
#include <fmt/format.h>

#include "compiler/parse/allow_comments.h"
#include "compiler/parse/builder.h"
#include "compiler/parse/lexed_file.h"
#include "compiler/parse/recovery.h"

namespace cd4ml::parse {

namespace {

std::vector<std::unique_ptr<antlr4::Token>> forParser(const LexedFile& lexed) {
  std::vector<std::unique_ptr<antlr4::Token>> out;
  out.reserve(lexed.tokens.size());
  for (const LexedToken& t : lexed.tokens) {
    const std::size_t channel = t.hidden ? antlr4::Token::HIDDEN_CHANNEL : antlr4::Token::DEFAULT_CHANNEL;
    out.push_back(std::make_unique<antlr4::CommonToken>(std::pair<antlr4::TokenSource*, antlr4::CharStream*>{}, t.type,
                                                        channel, t.begin, t.end == 0 ? 0 : t.end - 1));
  }
  return out;
}

std::vector<syntax::Token> forTree(const LexedFile& lexed) {
  std::vector<syntax::Token> out;
  out.reserve(lexed.tokens.size());
  for (const LexedToken& t : lexed.tokens) {
    if (!t.synthetic) out.push_back({.kind = kindOf(t.type), .begin = t.begin, .end = t.end});
  }
  return out;
}

/// The first place where the text is not UTF-8, or its size.
std::size_t firstBadByte(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    std::size_t more = 0;
    if (lead >= 0xC2 && lead <= 0xDF) more = 1;
    if (lead >= 0xE0 && lead <= 0xEF) more = 2;
    if (lead >= 0xF0 && lead <= 0xF4) more = 3;
    if (lead >= 0x80 && more == 0) return i;
    for (std::size_t k = 1; k <= more; ++k) {
      if (i + k >= text.size() || (static_cast<unsigned char>(text[i + k]) & 0xC0U) != 0x80U) return i;
    }
    i += more + 1;
  }
  return text.size();
}

}  // namespace

syntax::Tree parse(const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics) {
  syntax::Tree tree;
  tree.file = file;
  parseMore(sources, file, tree, diagnostics);
  return tree;
}

void parseMore(const source::SourceMap& sources, FileIndex file, syntax::Tree& tree, diag::Diagnostics& diagnostics) {
  const std::string_view text = sources.text(file);
  const std::size_t bad = firstBadByte(text);
  if (bad < text.size()) {
    const auto at = static_cast<std::uint32_t>(bad);
    diagnostics.add(diag::Code::BadCharacter, {file, at, at + 1}, "the file is not UTF-8 from here on")
        .help.emplace_back("save it as UTF-8");
  }

  LexedFile lexed = lex(text);
  readAllows(lexed, text, file, tree);
  repairTemplates(lexed, sources, file, diagnostics);
  repairTokens(lexed, sources, file, diagnostics);
  pairBrackets(lexed, file, diagnostics);

  const std::vector<syntax::Token> tokens = forTree(lexed);
  const auto first_token = static_cast<std::uint32_t>(tree.tokens.size());
  tree.tokens.insert(tree.tokens.end(), tokens.begin(), tokens.end());
  if (lexed.too_deep || lexed.tokens.empty()) return;  // the parser's token source wants at least one token

  antlr4::ListTokenSource token_source(forParser(lexed));
  antlr4::CommonTokenStream stream(&token_source);
  grammar::Cd4mlParser parser(&stream);
  parser.removeErrorListeners();
  parser.getInterpreter<antlr4::atn::ParserATNSimulator>()->setPredictionMode(antlr4::atn::PredictionMode::SLL);
  const auto recovery = std::make_shared<Recovery>(lexed, text, file, diagnostics);
  parser.setErrorHandler(recovery);
  auto* root = parser.file();
  Builder(tree, file, first_token, lexed, recovery->broken(), text, diagnostics).file(root);
}

}  // namespace cd4ml::parse
