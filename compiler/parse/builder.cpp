#include "compiler/parse/builder.h"

#include <algorithm>

#include <fmt/format.h>

namespace cd4ml::parse {

using namespace syntax;

Builder::Builder(Tree& tree, FileIndex file, std::uint32_t first_token, const LexedFile& lexed, const std::set<const ParseTree*>& broken, std::string_view text,
                 diag::Diagnostics& diagnostics)
    : tree_(tree), file_(file), lexed_(lexed), broken_(broken), text_(text), diagnostics_(diagnostics),
      documents_(lexed.tokens.size(), false) {
  tree_index_.reserve(lexed.tokens.size() + 1);
  std::uint32_t index = first_token;
  for (const LexedToken& token : lexed.tokens) {
    tree_index_.push_back(index);
    if (!token.synthetic) ++index;
  }
  tree_index_.push_back(index);
  tree_.exprs.reserve(tree_.exprs.size() + lexed.tokens.size() / 2);
  depths_.reserve(tree_.exprs.size() + lexed.tokens.size() / 2);
  depths_.resize(tree_.exprs.size());
}

void Builder::file(Grammar::FileContext* context) {
  for (auto* decl : childrenOf<Grammar::DeclContext>(context)) {
    if (decl->children.empty()) continue;
    auto* inner = dynamic_cast<ParserRuleContext*>(decl->children.front());
    if (inner != nullptr) declaration(inner);
  }
  loseTextBetween(context);
  warnAboutStrayDocs();
}

void Builder::loseTextBetween(Grammar::FileContext* context) {
  std::size_t first = SIZE_MAX;
  for (ParseTree* child : context->children) {
    const antlr4::Token* token = tokenOf(child);
    if (token != nullptr && token->getType() != antlr4::Token::EOF) {
      first = std::min(first, token->getTokenIndex());
      loseNames(first, token->getTokenIndex());
      tree_.has_lost_text = true;
    } else {
      first = SIZE_MAX;
    }
  }
}

void Builder::loseNames(std::size_t first, std::size_t last) {
  std::size_t words = 0;
  for (std::size_t i = first; i <= last && i < lexed_.tokens.size(); ++i) {
    const LexedToken& token = lexed_.tokens[i];
    if (token.hidden || !isWord(token.type)) continue;
    std::size_t after = i + 1;
    while (after < lexed_.tokens.size() && lexed_.tokens[after].hidden) ++after;
    const std::size_t sign = after < lexed_.tokens.size() ? lexed_.tokens[after].type : antlr4::Token::EOF;
    // `payments = csv(…)`, `delay: float`, and the names of heads: `trip from`, `"flights.cd4ml" as air`.
    const bool declares = sign == Grammar::ASSIGN || sign == Grammar::COLON || ++words <= 3;
    if (declares) tree_.lost_names.emplace(text_.substr(token.begin, token.end - token.begin));
  }
}

ErrorItem Builder::errorItem(ParserRuleContext* context) {
  loseNames(context->getStart()->getTokenIndex(), lastOf(context)->getTokenIndex());
  return {.span = span(context), .tokens = tokens(context)};
}

antlr4::Token* Builder::firstOf(ParseTree* node) const {
  if (antlr4::Token* token = tokenOf(node)) return token;
  return dynamic_cast<ParserRuleContext*>(node)->getStart();
}

antlr4::Token* Builder::lastOf(ParseTree* node) const {
  if (antlr4::Token* token = tokenOf(node)) return token;
  auto* context = dynamic_cast<ParserRuleContext*>(node);
  // A rule that matched nothing before an error ends before it begins.
  antlr4::Token* stop = context->getStop();
  const bool none = stop == nullptr || stop->getTokenIndex() < context->getStart()->getTokenIndex();
  return none ? context->getStart() : stop;
}

std::uint32_t Builder::treeToken(antlr4::Token* token) const {
  return tree_index_[std::min<std::size_t>(token->getTokenIndex(), tree_index_.size() - 1)];
}

Span Builder::span(antlr4::Token* token) const {
  const std::size_t index = token->getTokenIndex();
  if (index >= lexed_.tokens.size()) {
    const auto end = static_cast<std::uint32_t>(text_.size());
    return {file_, end, end};
  }
  return {file_, lexed_.tokens[index].begin, lexed_.tokens[index].end};
}

Span Builder::span(ParseTree* node) const {
  const Span first = span(firstOf(node));
  return {file_, first.begin, std::max(first.end, span(lastOf(node)).end)};
}

TokenRange Builder::tokens(ParserRuleContext* context) const {
  const std::uint32_t last = treeToken(lastOf(context));
  const auto size = static_cast<std::uint32_t>(tree_.tokens.size());
  return {treeToken(firstOf(context)), std::min(last + 1, size)};
}

std::string_view Builder::text(antlr4::Token* token) const {
  const Span s = span(token);
  return text_.substr(s.begin, s.end - s.begin);
}

diag::Diagnostic& Builder::report(diag::Code code, Span place, std::string message) {
  return diagnostics_.add(code, place, std::move(message));
}

Name Builder::name(ParserRuleContext* context) {
  antlr4::Token* token = context->getStart();
  Name out{.text = std::string(text(token)), .span = span(token)};
  if (out.text.size() >= 2 && out.text.front() == '`') {
    out.quoted = true;
    const bool closed = out.text.back() == '`';
    out.text = out.text.substr(1, out.text.size() - (closed ? 2 : 1));
  }
  return out;
}

std::vector<Name> Builder::names(Grammar::NameListContext* context) {
  std::vector<Name> out;
  for (auto* n : childrenOf<Grammar::NameContext>(context)) out.push_back(name(n));
  return out;
}

Name Builder::path(Grammar::NodeRefContext* context) {
  const auto parts = childrenOf<Grammar::NameContext>(context);
  Name out = name(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) out.text += "." + name(parts[i]).text;
  out.span = span(context);
  return out;
}

std::string Builder::textIn(ParserRuleContext* context, Span& place) {
  for (ParseTree* child : context->children) {
    antlr4::Token* token = tokenOf(child);
    if (token == nullptr || (token->getType() != Grammar::TEXT && token->getType() != Grammar::RAW_TEXT)) continue;
    place = span(token);
    return decodeText(text(token), place, token->getType() == Grammar::RAW_TEXT);
  }
  return {};
}

Name Builder::role(antlr4::Token* token) { return {.text = std::string(text(token).substr(1)), .span = span(token)}; }

void Builder::header(DeclHeader& header, ParserRuleContext* context, ParserRuleContext* name_context) {
  header.span = span(context);
  header.tokens = tokens(context);
  header.doc = docAbove(context->getStart());
  header.head_span = span(context->getStart());
  if (name_context == nullptr) return;
  header.name = name(name_context);
  header.head_span.end = header.name.span.end;
}

std::string Builder::docAbove(antlr4::Token* token) {
  std::vector<std::size_t> lines;
  for (std::size_t i = std::min(token->getTokenIndex(), lexed_.tokens.size()); i-- > 0;) {
    const LexedToken& t = lexed_.tokens[i];
    if (!t.hidden) break;
    if (t.type == Grammar::DOC && t.first_on_line) lines.push_back(i);
  }
  std::string doc;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    const LexedToken& t = lexed_.tokens[*line];
    documents_[*line] = true;
    std::string_view words = text_.substr(t.begin + 2, t.end - t.begin - 2);
    if (words.starts_with(' ')) words.remove_prefix(1);
    while (words.ends_with(' ') || words.ends_with('\t')) words.remove_suffix(1);
    if (!doc.empty()) doc += '\n';
    doc += words;
  }
  return doc;
}

void Builder::warnAboutStrayDocs() {
  for (std::size_t i = 0; i < lexed_.tokens.size(); ++i) {
    const LexedToken& t = lexed_.tokens[i];
    if (t.type != Grammar::DOC || documents_[i]) continue;
    auto& d = report(diag::Code::MisplacedDoc, {file_, t.begin, t.end}, "this `##` comment documents nothing");
    d.help = {"`##` stands on its own line above a declaration, an item or a field; a plain comment begins with one `#`"};
    d.fixes.push_back({.title = "make it a plain comment", .edits = {{.span = {file_, t.begin, t.begin + 2}, .replacement = "#"}}});
  }
}

}  // namespace cd4ml::parse
