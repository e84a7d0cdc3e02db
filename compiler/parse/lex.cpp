#include <algorithm>

#include <Cd4mlLexer.h>

#include "compiler/parse/byte_stream.h"
#include "compiler/parse/lexed_file.h"

namespace cd4ml::parse {

using grammar::Cd4mlLexer;

LexedFile lex(std::string_view text) {
  ByteStream stream(text);
  Cd4mlLexer lexer(&stream);
  lexer.removeErrorListeners();
  LexedFile lexed;
  lexed.tokens.reserve(text.size() / 4);
  std::size_t last_line = 0;
  for (;;) {
    const std::unique_ptr<antlr4::Token> token = lexer.nextToken();
    if (token->getType() == antlr4::Token::EOF) break;
    LexedToken out;
    out.type = token->getType();
    out.begin = static_cast<std::uint32_t>(token->getStartIndex());
    out.end = static_cast<std::uint32_t>(token->getStopIndex() + 1);
    out.hidden = token->getChannel() != antlr4::Token::DEFAULT_CHANNEL;
    out.first_on_line = token->getLine() != last_line;
    out.at_column_zero = token->getCharPositionInLine() == 0;
    last_line = token->getLine();
    lexed.tokens.push_back(out);
  }
  return lexed;
}

bool isReserved(std::size_t type) { return type >= Cd4mlLexer::K_AND && type <= Cd4mlLexer::K_NULL; }

bool isWord(std::size_t type) {
  return type == Cd4mlLexer::ID || type == Cd4mlLexer::QUOTED ||
         (type >= Cd4mlLexer::K_PIPELINE && type <= Cd4mlLexer::K_REST);
}

bool isDeclaration(std::size_t type) {
  switch (type) {
    case Cd4mlLexer::K_PIPELINE:
    case Cd4mlLexer::K_IMPORT:
    case Cd4mlLexer::K_PARAM:
    case Cd4mlLexer::K_PROFILE:
    case Cd4mlLexer::K_SCHEMA:
    case Cd4mlLexer::K_SOURCE:
    case Cd4mlLexer::K_TABLE:
    case Cd4mlLexer::K_FEATURES:
    case Cd4mlLexer::K_SPLIT:
    case Cd4mlLexer::K_MODEL:
    case Cd4mlLexer::K_EVALUATE:
    case Cd4mlLexer::K_GATE:
    case Cd4mlLexer::K_DEPLOY:
    case Cd4mlLexer::K_MONITOR:
    case Cd4mlLexer::K_NOTIFY:
    case Cd4mlLexer::K_STAGE:
    case Cd4mlLexer::K_FN:
    case Cd4mlLexer::K_TEST:
    case Cd4mlLexer::K_UNIT:
    case Cd4mlLexer::K_METRIC: return true;
    default: return false;  // token types are numbers of the grammar, not an enumeration
  }
}

bool opensBracket(std::size_t type) {
  return type == Cd4mlLexer::LPAREN || type == Cd4mlLexer::LBRACKET || type == Cd4mlLexer::LBRACE;
}

bool closesBracket(std::size_t type) {
  return type == Cd4mlLexer::RPAREN || type == Cd4mlLexer::RBRACKET || type == Cd4mlLexer::RBRACE;
}

syntax::TokenKind kindOf(std::size_t type) {
  using syntax::TokenKind;
  if (isReserved(type) || type == Cd4mlLexer::MISCASED) return TokenKind::Word;
  if (type == Cd4mlLexer::QUOTED) return TokenKind::QuotedName;
  if (isWord(type)) return TokenKind::Word;
  if (type >= Cd4mlLexer::LPAREN && type <= Cd4mlLexer::MODULO) return TokenKind::Punctuation;
  switch (type) {
    case Cd4mlLexer::TEXT:
    case Cd4mlLexer::RAW_TEXT: return TokenKind::Text;
    case Cd4mlLexer::INT:
    case Cd4mlLexer::FLOAT: return TokenKind::Number;
    case Cd4mlLexer::QUANTITY: return TokenKind::Quantity;
    case Cd4mlLexer::PERCENT: return TokenKind::Percent;
    case Cd4mlLexer::TIME: return TokenKind::Time;
    case Cd4mlLexer::ROLE: return TokenKind::Role;
    case Cd4mlLexer::COMMENT: return TokenKind::Comment;
    case Cd4mlLexer::DOC: return TokenKind::DocComment;
    default: return TokenKind::Error;
  }
}

}  // namespace cd4ml::parse
