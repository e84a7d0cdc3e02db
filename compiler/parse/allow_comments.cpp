#include "compiler/parse/allow_comments.h"

#include <Cd4mlLexer.h>

namespace cd4ml::parse {

namespace {

bool isNameByte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; }

/// The bytes of the lines from that of `first` to that of `last`.
void coverLines(syntax::Allow& allow, std::string_view text, std::uint32_t first, std::uint32_t last) {
  const std::size_t before = first == 0 ? std::string_view::npos : text.rfind('\n', first - 1);
  const std::size_t after = text.find('\n', last);
  allow.begin = before == std::string_view::npos ? 0 : static_cast<std::uint32_t>(before + 1);
  allow.end = static_cast<std::uint32_t>(after == std::string_view::npos ? text.size() : after);
}

}  // namespace

void readAllows(const LexedFile& lexed, std::string_view text, FileIndex file, syntax::Tree& tree) {
  constexpr std::string_view word = "allow:";
  for (std::size_t i = 0; i < lexed.tokens.size(); ++i) {
    const LexedToken& comment = lexed.tokens[i];
    if (comment.type != grammar::Cd4mlLexer::COMMENT) continue;
    std::uint32_t at = comment.begin + 1;
    while (at < comment.end && text[at] == ' ') ++at;
    if (!text.substr(at, comment.end - at).starts_with(word)) continue;
    at += word.size();
    syntax::Allow allow{.warning = {}, .span = {file, comment.begin, comment.end}};
    std::uint32_t target = comment.begin;
    for (std::size_t next = i + 1; comment.first_on_line && next < lexed.tokens.size(); ++next) {
      target = lexed.tokens[next].begin;
      if (!lexed.tokens[next].hidden) break;
    }
    coverLines(allow, text, target, target);
    // Names between commas; what follows them says why.
    for (;;) {
      while (at < comment.end && text[at] == ' ') ++at;
      std::uint32_t end = at;
      while (end < comment.end && isNameByte(text[end])) ++end;
      allow.warning = {.text = std::string(text.substr(at, end - at)), .span = {file, at, std::max(end, at)}};
      tree.allows.push_back(allow);
      at = end;
      if (at >= comment.end || text[at] != ',') break;
      ++at;
    }
  }
}

}  // namespace cd4ml::parse
