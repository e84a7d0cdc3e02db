#include <algorithm>
#include <array>

#include <Cd4mlParser.h>
#include <Parser.h>
#include <fmt/format.h>

#include "compiler/parse/foreign_words.h"
#include "compiler/parse/recovery.h"

namespace cd4ml::parse {

namespace {

using P = grammar::Cd4mlParser;
using diag::Code;

/// Words that people bring from elsewhere, and the word for it here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> synonyms = {{
    {"where", "filter"}, {"having", "filter"}, {"mutate", "derive"}, {"let", "derive"}, {"compute", "derive"}, {"keep", "select"},
    {"assert", "require"}, {"expect", "require"}, {"merge", "join"}, {"dataset", "source"}, {"data", "source"}, {"const", "param"},
    {"include", "import"}, {"def", "fn"}, {"function", "fn"}, {"label", "target"},
}};

std::string_view typeOfLiteral(std::size_t type) {
  switch (type) {
    case P::INT: return "int";
    case P::FLOAT:
    case P::PERCENT: return "float";
    case P::TEXT: return "text";
    case P::K_TRUE:
    case P::K_FALSE: return "bool";
    default: return {};  // token types are numbers of the grammar, not an enumeration
  }
}

}  // namespace

diag::Diagnostic& Recovery::report(Code code, std::size_t index, std::string message) {
  return diagnostics_.add(code, spanAt(index), std::move(message));
}

void Recovery::reportUnexpected(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected) {
  if (reportKnownSlip(parser, index, expected)) return;
  const Place place = placeOf(parser);
  if (place.block != nullptr && place.item == nullptr && !expected.contains(std::size_t{P::LBRACE})) {
    // Only a missing `}` ends up here: past its `{` the block has no other token to miss.
    const std::size_t open = place.block_context->start->getTokenIndex();
    auto& d = report(Code::UnclosedBracket, open, "this `{` is never closed");
    d.labels.push_back({.span = spanAt(index), .text = "a `}` is missing before this"});
    return;
  }
  const bool in_type = parser->getContext()->getRuleIndex() == P::RuleName && dynamic_cast<antlr4::ParserRuleContext*>(parser->getContext()->parent) != nullptr &&
                       dynamic_cast<antlr4::ParserRuleContext*>(parser->getContext()->parent)->getRuleIndex() == P::RuleType;
  if (reportConditional(parser, index, expected)) return;
  const bool in_angle = parser->getContext()->getRuleIndex() == P::RuleAngle || parser->getContext()->getRuleIndex() == P::RuleAngleTerm;
  const std::string words = in_angle ? "a unit (`float<eur>`) or a type (`list<int>`)" : in_type ? "a type" : expectedInWords(expected);
  const std::string found = inWords(index);
  std::string message = words.empty() ? fmt::format("did not expect {} here", found)
                                      : fmt::format("expected {}, found {}", words, found);
  auto& d = report(Code::UnexpectedToken, index, std::move(message));
  addHint(d, index);
  labelOpenBracket(d, parser, index);
}

namespace {

bool wantsRightSide(std::size_t type) {
  return (type >= P::EQUAL && type <= P::MODULO) || type == P::RANGE || type == P::ASSIGN || type == P::K_AND ||
         type == P::K_OR || type == P::K_NOT || type == P::K_IN;
}

}  // namespace

/// An operator at the end of a line whose right side is the next item: the error is the operator's, and the next item
/// is read again.
bool Recovery::reportDangling(antlr4::Parser* parser, std::size_t index) {
  const Place place = placeOf(parser);
  if (place.block == nullptr) return false;
  const std::size_t item = place.item == nullptr ? 0 : place.item->start->getTokenIndex();
  for (const std::size_t next : {index, visibleBefore(index)}) {
    const LexedToken* first = at(next);
    const std::size_t sign = visibleBefore(next);
    if (first == nullptr || !first->first_on_line || at(sign) == nullptr || !wantsRightSide(typeAt(sign)) || sign < item) continue;
    if (!startsItemAfterError(place, next, depthInside(place)) && typeAt(next) != P::RBRACE) continue;
    auto& d = report(Code::UnexpectedToken, sign, fmt::format("`{}` has nothing on its right side", textAt(sign)));
    d.labels.push_back({.span = spanAt(next), .text = "the next item begins here"});
    if (typeAt(next) != P::RBRACE) resume_at_ = next;
    return true;
  }
  return false;
}

/// Of the token itself, else of the word before it: in `case when a` it is `case` that is foreign.
std::string_view Recovery::foreignHelp(std::size_t index) const {
  const std::size_t after = visibleAfter(index);
  const bool pair = after < lexed_.tokens.size() && index < lexed_.tokens.size() && lexed_.tokens[index].end == lexed_.tokens[after].begin;
  if (pair) {
    const std::string_view both = text_.substr(spanAt(index).begin, spanAt(after).end - spanAt(index).begin);
    if (const std::string_view help = helpForForeign(both); !help.empty()) return help;
  }
  const std::string_view help = helpForForeign(textAt(index));
  return help.empty() && isWord(typeAt(visibleBefore(index))) ? helpForForeign(textAt(visibleBefore(index))) : help;
}

void Recovery::addHint(diag::Diagnostic& diagnostic, std::size_t index) {
  const std::size_t type = typeAt(index);
  const std::size_t before = visibleBefore(index);
  const std::string_view written = textAt(index);
  const LexedToken* here = at(index);
  if (type == P::K_IF) diagnostic.help = {"an `if` inside an expression stands in parentheses"};
  if (const std::string_view help = foreignHelp(index); !help.empty()) diagnostic.help = {std::string(help)};
  if (type == P::STAR && typeAt(before) == P::LPAREN) diagnostic.help = {"`count()` counts rows, `count(x)` the values that are not null"};
  if (typeAt(before) == P::K_IMPORT) diagnostic.help = {"another file comes in by `import \"path.cd4ml\" as name`"};
  if (type == P::MINUS && here != nullptr && here->first_on_line && diagnostic.help.empty()) diagnostic.help = {"items stand without dashes"};
  if (written == "elif" || written == "elsif" || written == "elseif") {
    diagnostic.fixes.push_back({.title = "write `else if`", .edits = {{.span = spanAt(index), .replacement = "else if"}}});
  }
  if (written == "None" || written == "nil" || written == "NA") {
    diagnostic.fixes.push_back({.title = "write `null`", .edits = {{.span = spanAt(index), .replacement = "null"}}});
  }
  std::size_t list_word = visibleBefore(before);
  while (typeAt(list_word) == P::COMMA) {
    const std::size_t name_before = visibleBefore(visibleBefore(list_word));
    if (name_before >= list_word) break;  // the file begins with commas
    list_word = name_before;
  }
  const std::size_t list = typeAt(list_word);
  const bool second_name = here != nullptr && !here->first_on_line && isWord(type) && isWord(typeAt(before)) &&
                           (list == P::K_SELECT || list == P::K_DROP || list == P::K_USE);
  if (second_name) diagnostic.help.emplace_back("the names of a list are separated by commas");
  const bool operation = (type >= P::EQUAL && type <= P::MODULO) || type == P::K_AND || type == P::K_OR || type == P::K_IS;
  for (std::size_t i = index; operation && i-- > 0;) {
    if (!isDeclaration(typeAt(i)) || !lexed_.tokens[i].first_on_line) continue;
    if (typeAt(i) == P::K_PARAM) diagnostic.help = {"the default of a `param` is arithmetic; anything else stands in parentheses"};
    return;
  }
}

/// An `if` that has no `then` or `else`: what is wrong is the `if`, not the item that comes next.
bool Recovery::reportConditional(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected) {
  const bool lacks_then = expected.contains(std::size_t{P::K_THEN});
  if (!lacks_then && !expected.contains(std::size_t{P::K_ELSE})) return false;
  const Place place = placeOf(parser);
  const std::size_t first = place.item == nullptr ? 0 : place.item->start->getTokenIndex();
  std::size_t closed = 0;  // conditionals that have their `else`
  for (std::size_t i = std::min(index, lexed_.tokens.size()); i-- > first;) {
    if (typeAt(i) == P::K_ELSE) ++closed;
    if (typeAt(i) != P::K_IF || closed-- > 0) continue;
    auto& d = report(Code::UnexpectedToken, i, fmt::format("this `if` has no `{}`", lacks_then ? "then" : "else"));
    d.labels.push_back({.span = spanAt(index), .text = fmt::format("`{}` is due before this", lacks_then ? "then" : "else")});
    d.help = {"it has the form `if a then b else c`: each branch gives a value"};
    addHint(d, index);
    const LexedToken* here = at(index);
    const bool next_item = here != nullptr && place.block != nullptr && here->first_on_line;
    if (next_item && startsItemAfterError(place, index, depthInside(place))) resume_at_ = index;
    return true;
  }
  return false;
}

bool Recovery::reportKnownSlip(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected) {
  if (reportDangling(parser, index) || reportDanglingHead(parser, index)) return true;
  const std::size_t type = typeAt(index);
  const std::size_t before = visibleBefore(index);
  const auto replaceBy = [&](std::string text) {
    return diag::Fix{.title = fmt::format("write `{}`", text), .edits = {{.span = spanAt(index), .replacement = std::move(text)}}};
  };
  if (isReserved(type) && (expected.contains(std::size_t{P::ID}) || typeAt(before) == P::DOT) && !expected.contains(std::size_t{P::TEXT})) {
    reportReserved(index);
    return true;
  }
  if ((type == P::ASSIGN || type == P::COLON) && reportMissingName(parser, index)) return true;
  if (reportEarlyItem(parser, index, expected)) return true;
  if (type == P::ASSIGN) return reportEqualsSign(parser, index, expected);
  if (type == P::EQUAL && expected.contains(std::size_t{P::ASSIGN})) {
    auto& d = report(Code::EqualsSign, index, "`==` compares; to give a name to a value, write `=`");
    d.fixes.push_back(replaceBy("="));
    return true;
  }
  if (type == P::RBRACE && typeAt(before) == P::COMMA) {
    auto& d = report(Code::StrayComma, before, "a bare list of names does not end with a comma");
    d.fixes.push_back({.title = "remove the comma", .edits = {{.span = spanAt(before), .replacement = ""}}});
    return true;
  }
  return false;
}

/// An `=` where none can stand: meant as `==`, as the `:` of an option, or written by habit.
bool Recovery::reportEqualsSign(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected) {
  const Place place = placeOf(parser);
  const std::size_t before = visibleBefore(index);
  const auto replaceBy = [&](std::string text) {
    return diag::Fix{.title = fmt::format("write `{}`", text), .edits = {{.span = spanAt(index), .replacement = std::move(text)}}};
  };
  if (parser->getContext()->getRuleIndex() == P::RuleParamDecl) {
    auto& d = report(Code::EqualsSign, index, "a `param` has a type before its `=`");
    d.help = {"as in `param trees: int = 200`"};
    const std::string_view guess = typeOfLiteral(typeAt(visibleAfter(index)));
    const std::uint32_t end = spanAt(before).end;
    if (!guess.empty()) {
      d.fixes.push_back({.title = fmt::format("add `: {}`", guess),
                         .edits = {{.span = {file_, end, end}, .replacement = fmt::format(": {}", guess)}}});
    }
    return true;
  }
  if (expected.contains(std::size_t{P::COLON})) {
    auto& d = report(Code::EqualsSign, index, "`=` stands where a `:` is due");
    d.fixes.push_back(replaceBy(":"));
    return true;
  }
  const std::size_t head = place.item == nullptr ? SIZE_MAX : place.item->start->getTokenIndex();
  if (before == head && (typeAt(head) == P::K_TARGET || typeAt(head) == P::K_WEIGHT)) {
    auto& d = report(Code::EqualsSign, index, fmt::format("`{0}` takes its expression without `=`", textAt(head)));
    d.help = {fmt::format("a feature of that name stands in backquotes: `` `{0}` = … ``", textAt(head))};
    d.fixes.push_back({.title = "remove `=`", .edits = {{.span = spanAt(index), .replacement = ""}}});
    return true;
  }
  const std::size_t open = place.block_context == nullptr ? 0 : place.block_context->start->getTokenIndex();
  const LexedToken* here = at(index);
  const bool in_call = here != nullptr && at(open) != nullptr && here->brackets > at(open)->brackets + 1 && isWord(typeAt(before));
  if (in_call) {
    auto& d = report(Code::EqualsSign, index, "options are written `name: value`");
    d.fixes.push_back(replaceBy(":"));
    d.fixes.push_back(replaceBy("=="));
    d.fixes.back().safe = false;
    d.fixes.front().safe = false;
  } else {
    auto& d = report(Code::EqualsSign, index, "`=` gives a name to a value; to compare, write `==`");
    d.fixes.push_back(replaceBy("=="));
  }
  return true;
}

void Recovery::reportReserved(std::size_t index) {
  const std::string_view word = textAt(index);
  auto& d = report(Code::ReservedWord, index, fmt::format("`{}` is a reserved word and cannot be a bare name", word));
  const std::string quoted = fmt::format("`{}`", word);
  d.fixes.push_back({.title = "put the name in backquotes", .edits = {{.span = spanAt(index), .replacement = quoted}}});
}

bool Recovery::readAsName(antlr4::Token* token) {
  const std::size_t index = token->getTokenIndex();
  // Only where what follows shows that a name was meant; else the word is an operator without its left side.
  const std::size_t after = typeAt(visibleAfter(index));
  const bool name_follows = after == P::ASSIGN || after == P::COLON || after == P::COMMA || after == P::RPAREN ||
                            after == P::RBRACE || after == P::LBRACE || after == P::K_IN || after == antlr4::Token::EOF ||
                            isWord(after);
  if (!name_follows) return false;
  reportReserved(index);
  static_cast<antlr4::CommonToken*>(token)->setType(P::ID);
  return true;
}

bool Recovery::readAsMeant(antlr4::Token* token, const std::vector<std::size_t>& wanted, Code code, std::string_view what) {
  const std::size_t index = token->getTokenIndex();
  std::vector<std::string> words;
  words.reserve(wanted.size());
  for (const std::size_t type : wanted) words.push_back(wordOf(type));
  const std::string written(textAt(index));
  std::vector<std::string> near;
  for (const auto& [elsewhere, here] : synonyms) {
    if (elsewhere == written && std::find(words.begin(), words.end(), here) != words.end()) near.emplace_back(here);
  }
  if (near.empty()) near = diag::nearest(written, words, 1);
  if (near.empty() || written.size() < 2) return false;
  auto& d = report(code, index, fmt::format("unknown {} `{}`: did you mean `{}`?", what, written, near.front()));
  d.fixes.push_back({.title = fmt::format("write `{}`", near.front()),
                     .edits = {{.span = spanAt(index), .replacement = near.front()}}});
  const auto found = std::find(words.begin(), words.end(), near.front());
  static_cast<antlr4::CommonToken*>(token)->setType(wanted[static_cast<std::size_t>(found - words.begin())]);
  return true;
}

/// Names the innermost bracket of the item that is still open where the error stands.
void Recovery::labelOpenBracket(diag::Diagnostic& diagnostic, antlr4::Parser* parser, std::size_t index) {
  const Place place = placeOf(parser);
  if (place.item == nullptr) return;
  std::vector<std::size_t> open;
  for (std::size_t i = place.item->start->getTokenIndex(); i < index && i < lexed_.tokens.size(); ++i) {
    if (lexed_.tokens[i].hidden) continue;
    if (opensBracket(lexed_.tokens[i].type)) open.push_back(i);
    if (closesBracket(lexed_.tokens[i].type) && !open.empty()) open.pop_back();
  }
  if (open.empty() || typeAt(open.back()) == P::LBRACE) return;
  diagnostic.labels.push_back({.span = spanAt(open.back()), .text = fmt::format("this `{}` is open", textAt(open.back()))});
}

std::size_t Recovery::typeAt(std::size_t index) const {
  return index < lexed_.tokens.size() ? lexed_.tokens[index].type : antlr4::Token::EOF;
}

std::size_t Recovery::visibleAfter(std::size_t index) const {
  for (std::size_t i = index + 1; i < lexed_.tokens.size(); ++i) {
    if (!lexed_.tokens[i].hidden) return i;
  }
  return lexed_.tokens.size();
}

std::size_t Recovery::visibleBefore(std::size_t index) const {
  for (std::size_t i = std::min(index, lexed_.tokens.size()); i-- > 0;) {
    if (!lexed_.tokens[i].hidden) return i;
  }
  return lexed_.tokens.size();
}

std::string_view Recovery::textAt(std::size_t index) const {
  const Span span = spanAt(index);
  return text_.substr(span.begin, span.end - span.begin);
}

std::string Recovery::inWords(std::size_t index) const {
  if (index >= lexed_.tokens.size()) return "the end of the file";
  if (lexed_.tokens[index].synthetic) return "the end of the declaration";
  const std::string_view text = textAt(index);
  if (typeAt(index) == P::TEXT || typeAt(index) == P::RAW_TEXT) return "a text";
  return text.front() == '`' ? std::string(text) : fmt::format("`{}`", text);
}

Span Recovery::spanAt(std::size_t index) const {
  const auto size = static_cast<std::uint32_t>(text_.size());
  if (index < lexed_.tokens.size()) {
    const LexedToken& token = lexed_.tokens[index];
    return {file_, token.begin, token.end};
  }
  // At the end of the file: its last character, so that there is something to underline.
  return {file_, size == 0 ? 0 : size - 1, size};
}

}  // namespace cd4ml::parse
