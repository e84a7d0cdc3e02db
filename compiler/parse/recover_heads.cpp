// What is wrong between declarations and in their heads: text that belongs to none, a first word that the declaration
// before has read as its name or value, a `{` that is missing or stands further on.
#include <algorithm>

#include <Cd4mlParser.h>
#include <Parser.h>
#include <fmt/format.h>

#include "compiler/parse/foreign_words.h"
#include "compiler/parse/recovery.h"

namespace cd4ml::parse {

namespace {

using P = grammar::Cd4mlParser;
using antlr4::ParserRuleContext;
using diag::Code;

/// The block that a declaration may have and may lack; 0 for the others.
std::size_t optionalBlockOf(std::size_t declaration) {
  switch (declaration) {
    case P::RuleSourceDecl: return P::RuleSourceBlock;
    case P::RuleModelDecl: return P::RuleModelBlock;
    case P::RuleDeployDecl: return P::RuleDeployBlock;
    case P::RuleStageDecl: return P::RuleStageBlock;
    case P::RuleMonitorDecl: return P::RuleMonitorBlock;
    default: return 0;  // rules are numbers of the grammar
  }
}

bool hasChild(const ParserRuleContext* context, std::size_t rule) {
  for (antlr4::tree::ParseTree* child : context->children) {
    const auto* inside = dynamic_cast<ParserRuleContext*>(child);
    if (inside != nullptr && inside->getRuleIndex() == rule) return true;
  }
  return false;
}

/// The declarations in which this token follows the name.
std::string_view wordsBefore(std::size_t type) {
  switch (type) {
    case P::ASSIGN: return "`source`, `model`, `notify`, `stage` or `unit`";
    case P::COLON: return "`param`";
    case P::K_FROM: return "`table` or `features`";
    case P::K_OF: return "`evaluate`, `deploy` or `monitor`";
    case P::K_ON: return "`gate`";
    case P::K_BY: return "`split`";
    case P::K_PER: return "`model`";
    case P::LPAREN: return "`fn`";
    case P::LBRACE: return "`schema`, `profile` or `test`";
    default: return {};  // token types are numbers of the grammar, not an enumeration
  }
}

bool isLiteral(std::size_t type) { return type >= P::INT && type <= P::TIME; }

}  // namespace

bool Recovery::reportAfterDeclaration(antlr4::Parser* parser) {
  const auto* file = parser->getContext();
  auto* last = file->children.empty() ? nullptr : dynamic_cast<ParserRuleContext*>(file->children.back());
  if (last == nullptr || last->children.empty()) return false;
  auto* declaration = dynamic_cast<ParserRuleContext*>(last->children.front());
  if (declaration == nullptr) return false;
  if (reportSwallowed(parser, declaration)) return true;

  antlr4::Token* token = parser->getTokenStream()->LT(1);
  const std::size_t index = token->getTokenIndex();
  const LexedToken* here = at(index);
  if (here == nullptr || here->at_column_zero) return false;
  const std::size_t block_rule = optionalBlockOf(declaration->getRuleIndex());
  const Block* block = block_rule == 0 || hasChild(declaration, block_rule) ? nullptr : blockOf(block_rule);
  const bool in_block = block != nullptr && here->first_on_line && startsItem(*block, token);
  if (here->first_on_line && isWord(here->type) && !in_block) return false;  // a declaration without its first word
  const bool said = broken_.count(declaration) != 0 || slipBetween(declaration->getStart()->getTokenIndex(), index);
  breakItem(declaration);
  if (said) return true;
  const std::size_t before = visibleBefore(index);
  if (in_block) {
    auto& d = report(Code::UnexpectedToken, index, fmt::format("the items of `{}` stand in braces, the `{{` before {} is missing", block->owner, inWords(index)));
    const std::uint32_t end = spanAt(before).end;
    d.fixes.push_back({.title = "open the block", .edits = {{.span = {file_, end, end}, .replacement = " {"}}});
    return true;
  }
  auto& d = report(Code::UnexpectedToken, index, fmt::format("did not expect {} after {}", inWords(index), inWords(before)));
  if (typeAt(before) == P::ID && isLiteral(here->type)) d.help.push_back(fmt::format("what `{0}` takes stands in parentheses: `{0}(…)`", textAt(before)));
  addHint(d, index);
  return true;
}

/// Text between declarations that is none: what may be meant.
void Recovery::reportNoDeclaration(std::size_t index) {
  auto& d = report(Code::UnknownDeclaration, index, fmt::format("expected a declaration, found {}", inWords(index)));
  const std::string_view foreign = helpForForeignDeclaration(textAt(index));
  const std::size_t type = typeAt(index);
  const std::string_view words = isWord(type) ? wordsBefore(typeAt(visibleAfter(index))) : std::string_view{};
  if (!foreign.empty()) {
    d.help.emplace_back(foreign);
  } else if (!words.empty()) {
    d.help.push_back(fmt::format("its first word is missing: {}", words));
  } else if (type == P::TEXT || type == P::RAW_TEXT) {
    d.help.emplace_back("its first word is missing: `import` or `test`");
  } else {
    d.help.emplace_back("declarations are pipeline, import, param, profile, schema, unit, fn, source, table, features, split, model, evaluate, "
                        "gate, deploy, monitor, notify, stage, test");
  }
}

bool Recovery::reportSwallowed(antlr4::Parser* parser, ParserRuleContext* declaration) {
  const std::size_t index = parser->getTokenStream()->LT(1)->getTokenIndex();
  const std::size_t next = visibleBefore(index);
  if (!startsDeclaration(next) || next <= declaration->getStart()->getTokenIndex()) return false;
  if (broken_.count(declaration) == 0) reportNothingBefore(next);
  breakItem(declaration);
  parser->getTokenStream()->seek(next);
  return true;
}

/// In a head whose name or value is missing the first word of the next declaration was read in its place.
bool Recovery::reportDanglingHead(antlr4::Parser* parser, std::size_t index) {
  const Place place = placeOf(parser);
  const auto* head = place.item != nullptr ? place.item : dynamic_cast<ParserRuleContext*>(place.block_context->parent);
  if (head == nullptr || (place.block != nullptr && place.item != nullptr)) return false;
  const std::size_t next = visibleBefore(index);
  if (!startsDeclaration(next) || next <= head->start->getTokenIndex()) return false;
  reportNothingBefore(next);
  resume_at_ = next;
  return true;
}

/// What should stand before the declaration that begins at `next` is missing.
void Recovery::reportNothingBefore(std::size_t next) {
  const std::size_t sign = visibleBefore(next);
  std::string message = fmt::format("a name is missing after {}", inWords(sign));
  if (!isWord(typeAt(sign))) message = fmt::format("{} has nothing on its right side", inWords(sign));
  auto& d = report(Code::UnexpectedToken, sign, std::move(message));
  d.labels.push_back({.span = spanAt(next), .text = "the next declaration begins here"});
}

/// `= month(at)` or `: float` without the name before it.
bool Recovery::reportMissingName(antlr4::Parser* parser, std::size_t index) {
  const Place place = placeOf(parser);
  const std::size_t before = visibleBefore(index);
  const std::size_t head = place.item == nullptr ? SIZE_MAX : place.item->start->getTokenIndex();
  const std::size_t word = typeAt(before);
  const bool after_word = before == head && typeAt(before) != P::ID && word != P::QUOTED && word != P::K_TARGET && word != P::K_WEIGHT &&
                          (place.block == nullptr || !place.block->names || !isWord(word) || place.item->getRuleIndex() != P::RuleField);
  const bool first = at(index)->first_on_line || (place.block_context != nullptr && before == place.block_context->start->getTokenIndex());
  const bool names_here = place.block == nullptr ? after_word : after_word || (first && place.block->names);
  if (!names_here) return false;
  report(Code::UnexpectedToken, index, fmt::format("the name before this `{}` is missing", textAt(index)));
  return true;
}

/// `range = temp_max temp_min`: the second name reads as the next item, whose `=` is missing. What is missing stands before it.
bool Recovery::reportEarlyItem(antlr4::Parser* parser, std::size_t index, const antlr4::misc::IntervalSet& expected) {
  const Place place = placeOf(parser);
  if (place.block == nullptr || place.item == nullptr || !place.block->names || place.block->marker == 0) return false;
  const std::size_t head = place.item->start->getTokenIndex();
  const LexedToken* here = at(index);
  const LexedToken* first = at(head);
  if (here == nullptr || first == nullptr || head != visibleBefore(index) || first->first_on_line) return false;
  if (!expected.contains(place.block->marker)) return false;
  const std::size_t before = visibleBefore(head);
  if (opensBracket(typeAt(before))) return false;
  const std::string_view foreign = foreignHelp(head);
  std::vector<std::string> meant;
  if (foreign.empty() && typeAt(head) == P::ID) meant = diag::nearest(textAt(head), {"after", "and", "check", "else", "from", "known", "or", "over", "then"}, 1);
  auto& d = report(Code::UnexpectedToken, head, meant.empty() ? fmt::format("did not expect {} after {}", inWords(head), inWords(before))
                                                              : fmt::format("unknown word {}: did you mean `{}`?", inWords(head), meant.front()));
  if (!meant.empty()) d.fixes.push_back({.title = fmt::format("write `{}`", meant.front()), .edits = {{.span = spanAt(head), .replacement = meant.front()}}});
  if (meant.empty()) d.help = {fmt::format("an operator is missing between them, or `{}` after {} if an item begins here", wordOf(place.block->marker), inWords(head))};
  if (!foreign.empty()) d.help = {std::string(foreign)};
  if (here->first_on_line) resume_at_ = index;
  // The item that ended too early is not what was meant either.
  const auto& items = place.block_context->children;
  const auto item = std::find(items.begin(), items.end(), place.item);
  if (item != items.begin() && item != items.end() && dynamic_cast<ParserRuleContext*>(*(item - 1)) != nullptr) broken_.insert(*(item - 1));
  return true;
}

/// The `{` of a block that does not stand where it should: one further on in the line, or one that is taken as read.
antlr4::Token* Recovery::takeBrace(antlr4::Parser* parser, const Place& place) {
  antlr4::TokenStream* stream = parser->getTokenStream();
  if (resume_at_ != SIZE_MAX) {
    breakItem(dynamic_cast<ParserRuleContext*>(place.block_context->parent));
    stream->seek(resume_at_);
    resume_at_ = SIZE_MAX;
    return getMissingSymbol(parser);
  }
  const std::size_t index = stream->LT(1)->getTokenIndex();
  for (std::size_t i = index; i < lexed_.tokens.size() && !startsDeclaration(index); ++i) {
    const LexedToken& token = lexed_.tokens[i];
    if (token.first_on_line && i > index) break;
    if (token.hidden || token.type != P::LBRACE || token.braces != lexed_.tokens[index].braces) continue;
    breakItem(dynamic_cast<ParserRuleContext*>(place.block_context->parent));
    while (stream->LT(1)->getTokenIndex() < i) parser->consume();
    antlr4::Token* brace = stream->LT(1);
    parser->consume();
    return brace;
  }
  return getMissingSymbol(parser);
}

/// A slip of one token, reported already, between two tokens.
bool Recovery::slipBetween(std::size_t first, std::size_t last) const {
  const std::uint32_t begin = spanAt(first).begin;
  const auto slip = std::lower_bound(lexed_.reported.begin(), lexed_.reported.end(), begin);
  return slip != lexed_.reported.end() && *slip < spanAt(last).end;
}

}  // namespace cd4ml::parse
