// Nodes written as dbt's templates write them, `{{ ref('flights') }}` and `{{ source('raw', 'flights') }}`: reported once
// and read as the name alone.
#include <algorithm>
#include <cctype>
#include <optional>

#include <Cd4mlLexer.h>
#include <fmt/format.h>

#include "compiler/parse/lexed_file.h"

namespace cd4ml::parse {

namespace {

using grammar::Cd4mlLexer;

bool isQuoted(std::size_t type) { return type == Cd4mlLexer::TEXT || type == Cd4mlLexer::SINGLE_QUOTED; }

bool isName(std::string_view written) {
  const auto letter = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return !written.empty() && std::isdigit(static_cast<unsigned char>(written[0])) == 0 && std::all_of(written.begin(), written.end(), letter);
}

/// Where the tokens of one template are.
struct Template {
  std::size_t first = 0, last = 0;  ///< `{` and `}`
  std::size_t name = 0;             ///< the text that names the node
};

std::optional<Template> templateAt(const std::vector<LexedToken>& tokens, std::string_view text, std::size_t at) {
  const auto typeAt = [&](std::size_t i) { return i < tokens.size() ? tokens[i].type : std::size_t{0}; };
  const auto textAt = [&](std::size_t i) { return text.substr(tokens[i].begin, tokens[i].end - tokens[i].begin); };
  if (typeAt(at) != Cd4mlLexer::LBRACE || typeAt(at + 1) != Cd4mlLexer::LBRACE || typeAt(at + 3) != Cd4mlLexer::LPAREN) return std::nullopt;
  if (textAt(at + 2) != "ref" && textAt(at + 2) != "source") return std::nullopt;
  Template found{.first = at, .last = 0, .name = at + 4};
  if (typeAt(found.name + 1) == Cd4mlLexer::COMMA) found.name += 2;
  found.last = found.name + 3;
  const bool closed = typeAt(found.name + 1) == Cd4mlLexer::RPAREN && typeAt(found.last - 1) == Cd4mlLexer::RBRACE && typeAt(found.last) == Cd4mlLexer::RBRACE;
  if (!closed || !isQuoted(typeAt(found.name)) || !isQuoted(typeAt(at + 4))) return std::nullopt;
  const std::string_view written = textAt(found.name);
  if (written.size() < 3 || !isName(written.substr(1, written.size() - 2))) return std::nullopt;
  return found;
}

/// The text's quotes are hidden, what is between them is the name; everything else of the template is hidden.
void keepName(const std::vector<LexedToken>& tokens, const Template& found, std::vector<LexedToken>& out) {
  for (std::size_t i = found.first; i <= found.last; ++i) {
    LexedToken token = tokens[i];
    token.hidden = true;
    if (i != found.name) {
      out.push_back(token);
      continue;
    }
    LexedToken name = token;
    LexedToken close = token;
    token.end = name.begin = token.begin + 1;
    name.end = close.begin = close.end - 1;
    name.type = Cd4mlLexer::ID;
    name.hidden = name.first_on_line = name.at_column_zero = false;
    close.first_on_line = close.at_column_zero = false;
    out.insert(out.end(), {token, name, close});
  }
}

}  // namespace

void repairTemplates(LexedFile& lexed, const source::SourceMap& sources, FileIndex file, diag::Diagnostics& diagnostics) {
  const std::string_view text = sources.text(file);
  const std::vector<LexedToken>& tokens = lexed.tokens;
  std::vector<LexedToken> out;
  std::size_t done = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].type != Cd4mlLexer::LBRACE) continue;
    const std::optional<Template> found = templateAt(tokens, text, i);
    if (!found) continue;
    const Span all{file, tokens[found->first].begin, tokens[found->last].end};
    const std::string name(text.substr(tokens[found->name].begin + 1, tokens[found->name].end - tokens[found->name].begin - 2));
    auto& d = diagnostics.add(diag::Code::ForeignOperator, all, fmt::format("`{}` is written `{}` in cd4ml", text.substr(all.begin, all.end - all.begin), name));
    d.help = {"a node is its name, without braces"};
    d.fixes.push_back({.title = fmt::format("write `{}`", name), .edits = {{.span = all, .replacement = name}}});
    lexed.reported.push_back(all.begin);
    out.insert(out.end(), tokens.begin() + static_cast<std::ptrdiff_t>(done), tokens.begin() + static_cast<std::ptrdiff_t>(i));
    keepName(tokens, *found, out);
    i = found->last;
    done = i + 1;
  }
  if (done == 0) return;
  out.insert(out.end(), tokens.begin() + static_cast<std::ptrdiff_t>(done), tokens.end());
  lexed.tokens = std::move(out);
  std::sort(lexed.reported.begin(), lexed.reported.end());
}

}  // namespace cd4ml::parse
