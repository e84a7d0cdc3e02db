#include "compiler/parse/recovery.h"

#include <algorithm>
#include <utility>

#include <Cd4mlParser.h>
#include <InputMismatchException.h>
#include <Parser.h>
#include <fmt/format.h>

namespace cd4ml::parse {

namespace {

using P = grammar::Cd4mlParser;
using antlr4::ParserRuleContext;

constexpr std::size_t end_of_file = antlr4::Token::EOF;

antlr4::Token* current(antlr4::Parser* parser) { return parser->getTokenStream()->LT(1); }

void setType(antlr4::Token* token, std::size_t type) {
  // The stream's tokens are ours (parse.cpp makes each as a CommonToken).
  static_cast<antlr4::CommonToken*>(token)->setType(type);
}

}  // namespace

Recovery::Place Recovery::placeOf(antlr4::Parser* parser) const {
  Place place;
  for (auto* context = parser->getContext(); context != nullptr;) {
    place.block = blockOf(context->getRuleIndex());
    if (place.block != nullptr || context->getRuleIndex() == P::RuleFile) {
      place.block_context = context;
      return place;
    }
    // `decl` only chooses; what is broken is the declaration inside it.
    if (context->getRuleIndex() != P::RuleDecl || place.item == nullptr) place.item = context;
    context = dynamic_cast<ParserRuleContext*>(context->parent);
  }
  return place;
}

void Recovery::sync(antlr4::Parser* parser) {
  ParserRuleContext* context = parser->getContext();
  if (context->getRuleIndex() == P::RuleFile) {
    // What is left of a declaration that has said what is wrong with it.
    const std::size_t type = current(parser)->getType();
    if (inErrorRecoveryMode(parser) && type != end_of_file && !isDeclaration(type)) skipToDeclaration(parser);
    return syncFile(parser);
  }
  const Block* block = blockOf(context->getRuleIndex());
  if (block == nullptr) return;
  const std::size_t index = current(parser)->getTokenIndex();
  // In a file that is broken already, layout tells a declaration from an item whose name looks like one. The parser
  // would take it for an item, so its rule has to be left.
  const bool broken = inErrorRecoveryMode(parser) || !broken_.empty();
  if (broken && block->names && startsDeclaration(index) && typeAt(visibleAfter(index)) != block->marker) {
    throw antlr4::InputMismatchException(parser);
  }
  // A mistyped first word that ended the broken item before it is a slip of its own.
  if (!inErrorRecoveryMode(parser) || mistypesItem(*block, index)) syncBlock(parser, *block, context);
}

void Recovery::syncFile(antlr4::Parser* parser) {
  antlr4::Token* token = current(parser);
  while (token->getType() != end_of_file && !isDeclaration(token->getType())) {
    const std::size_t index = token->getTokenIndex();
    static const std::vector<std::size_t> words = [] {
      std::vector<std::size_t> types;
      for (std::size_t type = P::K_PIPELINE; type <= P::K_REST; ++type) {
        if (isDeclaration(type)) types.push_back(type);
      }
      return types;
    }();
    const std::size_t after = typeAt(visibleAfter(index));
    const bool names = after == P::K_FROM || after == P::K_OF || after == P::K_ON || after == P::K_BY || after == P::K_PER;  // `trips from` lacks its first word
    const bool headed = (isWord(after) && !names) || after == P::TEXT;
    if (headed && readAsMeant(token, words, diag::Code::UnknownDeclaration, "declaration")) return;
    if (closesBracket(token->getType())) {
      report(diag::Code::UnclosedBracket, index, fmt::format("this `{}` closes nothing", textAt(index)));
      parser->consume();
      // What stands between it and the next declaration belongs to what it was meant to close.
      if (!isDeclaration(current(parser)->getType())) skipToDeclaration(parser);
    } else if (reportAfterDeclaration(parser)) {
      if (!isDeclaration(current(parser)->getType())) skipToDeclaration(parser);
    } else {
      reportNoDeclaration(index);
      skipToDeclaration(parser);
    }
    token = current(parser);
  }
}

void Recovery::syncBlock(antlr4::Parser* parser, const Block& block, ParserRuleContext* context) {
  for (;;) {
    antlr4::Token* token = current(parser);
    const std::size_t type = token->getType();
    if (type == P::RBRACE || type == end_of_file) return;
    const std::size_t index = token->getTokenIndex();
    const std::size_t after = typeAt(visibleAfter(index));
    if (block.names && !broken_.empty() && startsDeclaration(index) && after != block.marker) {
      throw antlr4::InputMismatchException(parser);
    }
    if (startsItem(block, token)) return;
    if (isReserved(type) && block.names && block.marker != 0 && after == block.marker) {
      reportReserved(index);
      setType(token, P::ID);
      return;
    }
    if (startsDeclaration(index)) return;
    if (isWord(type) && !block.words.empty() && readAsMeant(token, block.words, diag::Code::UnknownItem, "item")) return;
    const auto* before_it = context->children.empty() ? nullptr : context->children.back();
    const bool follow_up = broken_.count(before_it) != 0 || followsSlip(context, index);
    breakItem(context);
    if (follow_up) {
      // It belongs to an item that has said already what is wrong with it.
      parser->consume();
      skipToItem(parser, Place{.block = &block, .block_context = context, .item = nullptr});
      continue;
    }
    if (type == P::COMMA && beginsItem(block, visibleAfter(index))) {
      auto& d = report(diag::Code::StrayComma, index, fmt::format("the items of `{}` stand without commas", block.owner));
      d.fixes.push_back({.title = "remove the comma", .edits = {{.span = spanAt(index), .replacement = ""}}});
      parser->consume();
      continue;
    }
    // The rest of a line whose item ended too early: the checker has nothing to say about that item.
    if (!at(index)->first_on_line && dynamic_cast<ParserRuleContext*>(context->children.back()) != nullptr) broken_.insert(context->children.back());
    antlr4::misc::IntervalSet expected;
    if (!reportKnownSlip(parser, index, expected)) {
      auto& d = report(isWord(type) ? diag::Code::UnknownItem : diag::Code::UnexpectedToken, index,
                       fmt::format("expected {}, found {}", itemsOf(block), inWords(index)));
      addHint(d, index);
      labelOpenBracket(d, parser, index);
    }
    const std::size_t resume_at = std::exchange(resume_at_, SIZE_MAX);
    if (resume_at != SIZE_MAX && !context->children.empty() && resumed_at_.insert(resume_at).second) {
      // The item before has taken this one's first word for its operand. Once a token: it may end here again.
      broken_.insert(context->children.back());
      parser->getTokenStream()->seek(resume_at);
      continue;
    }
    parser->consume();
    skipToItem(parser, Place{.block = &block, .block_context = context, .item = nullptr});
  }
}

/// On the line of a slip in the item before, which has been reported.
bool Recovery::followsSlip(ParserRuleContext* block, std::size_t index) const {
  const auto* before = block->children.empty() ? nullptr : dynamic_cast<ParserRuleContext*>(block->children.back());
  const LexedToken* here = at(index);
  if (before == nullptr || here == nullptr || here->first_on_line) return false;
  const std::uint32_t begin = lexed_.tokens[before->start->getTokenIndex()].begin;
  const auto slip = std::lower_bound(lexed_.reported.begin(), lexed_.reported.end(), begin);
  return slip != lexed_.reported.end() && *slip < here->end;
}

bool Recovery::startsItem(const Block& block, antlr4::Token* token) const {
  const std::size_t type = token->getType();
  if (std::find(block.words.begin(), block.words.end(), type) != block.words.end()) return true;
  return block.names && isWord(type);
}

/// Whether the next item, or the end of the block, stands there as it should.
bool Recovery::beginsItem(const Block& block, std::size_t index) const {
  const std::size_t type = typeAt(index);
  if (type == P::RBRACE || std::find(block.words.begin(), block.words.end(), type) != block.words.end()) return true;
  return block.names && isWord(type) && (block.marker == 0 || typeAt(visibleAfter(index)) == block.marker);
}

bool Recovery::startsDeclaration(std::size_t index) const {
  const LexedToken* token = at(index);
  if (token == nullptr || !token->first_on_line || !token->at_column_zero || !isDeclaration(token->type)) return false;
  const std::size_t after = typeAt(visibleAfter(index));
  return isWord(after) || after == P::TEXT;
}

/// A line whose first word is almost one that begins an item here, and no name of an item.
bool Recovery::mistypesItem(const Block& block, std::size_t index) const {
  const LexedToken* token = at(index);
  if (token == nullptr || !token->first_on_line || token->type != P::ID || block.words.empty()) return false;
  if (block.names && (block.marker == 0 || typeAt(visibleAfter(index)) == block.marker)) return false;
  std::vector<std::string> words;
  for (const std::size_t type : block.words) words.push_back(wordOf(type));
  return !diag::nearest(textAt(index), words, 1).empty();
}

/// In doubt a token is not an item: a skipped item costs a message less, a false one costs a message too many.
bool Recovery::startsItemAfterError(const Place& place, std::size_t index, std::size_t depth) const {
  const LexedToken* token = at(index);
  if (token == nullptr || token->braces != depth) return false;
  const Block& block = *place.block;
  const bool word = std::find(block.words.begin(), block.words.end(), token->type) != block.words.end();
  const bool name = block.names && isWord(token->type) &&
                    (block.marker == 0 || typeAt(visibleAfter(index)) == block.marker);
  if (token->first_on_line) return word || name || mistypesItem(block, index);
  const LexedToken* before = at(visibleBefore(index));
  const bool ended = before != nullptr && (closesBracket(before->type) || isWord(before->type) || before->type == P::INT ||
                                           before->type == P::FLOAT || before->type == P::TEXT ||
                                           before->type == P::PERCENT || before->type == P::QUANTITY);
  return ended && token->brackets == depth && (word || (name && block.marker != 0));
}

/// Open braces inside a block; where its `{` was taken as read at the end of the file there is no token of it.
std::size_t Recovery::depthInside(const Place& place) const {
  const LexedToken* open = at(place.block_context->start->getTokenIndex());
  return (open == nullptr ? 0 : open->braces) + 1;
}

void Recovery::skipToItem(antlr4::Parser* parser, const Place& place) {
  const std::size_t depth = depthInside(place);
  for (;;) {
    antlr4::Token* token = current(parser);
    const std::size_t index = token->getTokenIndex();
    if (token->getType() == end_of_file || startsDeclaration(index)) return;
    const LexedToken* here = at(index);
    if (here != nullptr && token->getType() == P::RBRACE && here->braces < depth) return;
    if (startsItemAfterError(place, index, depth)) return;
    parser->consume();
  }
}

void Recovery::skipToDeclaration(antlr4::Parser* parser) {
  const LexedToken* from = at(current(parser)->getTokenIndex());
  const std::size_t depth = from == nullptr ? 0 : from->braces;
  for (;;) {
    parser->consume();
    antlr4::Token* token = current(parser);
    const std::size_t index = token->getTokenIndex();
    if (token->getType() == end_of_file || startsDeclaration(index)) return;
    const LexedToken* here = at(index);
    const std::size_t after = typeAt(visibleAfter(index));
    const bool headed = isDeclaration(token->getType()) && (isWord(after) || after == P::TEXT);
    if (headed && here->braces <= depth && (here->first_on_line || typeAt(visibleBefore(index)) == P::RBRACE)) return;
  }
}

void Recovery::recover(antlr4::Parser* parser, std::exception_ptr) {
  const Place place = placeOf(parser);
  if (place.item != nullptr) breakItem(place.item);
  if (resume_at_ != SIZE_MAX && place.block != nullptr && place.item != nullptr && resume_at_ > place.item->start->getTokenIndex()) {
    parser->getTokenStream()->seek(resume_at_);
    resume_at_ = SIZE_MAX;
    return;
  }
  const std::size_t resume_at = std::exchange(resume_at_, SIZE_MAX);
  if (resume_at != SIZE_MAX && place.block == nullptr && place.item != nullptr && resume_at > place.item->start->getTokenIndex()) {
    return parser->getTokenStream()->seek(resume_at);
  }
  if (place.block != nullptr) {
    const bool stuck = place.item != nullptr && place.item->start == current(parser) && current(parser)->getType() != P::RBRACE;
    if (stuck) parser->consume();
    return skipToItem(parser, place);
  }
  // In the head of a declaration: its block, or the next declaration.
  const bool stuck = place.item != nullptr && place.item->start == current(parser);
  if (stuck && current(parser)->getType() != end_of_file) parser->consume();
  const LexedToken* from = at(current(parser)->getTokenIndex());
  const std::size_t depth = from == nullptr ? 0 : from->braces;
  for (;;) {
    antlr4::Token* token = current(parser);
    const std::size_t index = token->getTokenIndex();
    if (token->getType() == end_of_file || startsDeclaration(index)) return;
    const LexedToken* here = at(index);
    if (token->getType() == P::LBRACE && here->braces <= depth) return;
    const std::size_t after = typeAt(visibleAfter(index));
    if (here->first_on_line && isDeclaration(token->getType()) && isWord(after)) return;
    parser->consume();
  }
}

antlr4::Token* Recovery::getMissingSymbol(antlr4::Parser* parser) {
  const antlr4::misc::IntervalSet expected = parser->getExpectedTokens();
  const std::size_t type = expected.isEmpty() ? std::size_t{P::ID} : static_cast<std::size_t>(expected.getMinElement());
  const LexedToken* here = at(current(parser)->getTokenIndex());
  const std::size_t place = here == nullptr ? text_.size() : here->begin;
  auto token = std::make_unique<antlr4::CommonToken>(std::pair<antlr4::TokenSource*, antlr4::CharStream*>{}, type,
                                                     antlr4::Token::DEFAULT_CHANNEL, place, place);
  token->setTokenIndex(current(parser)->getTokenIndex());
  missing_.push_back(std::move(token));
  return missing_.back().get();
}

antlr4::Token* Recovery::recoverInline(antlr4::Parser* parser) {
  antlr4::Token* token = current(parser);
  const std::size_t index = token->getTokenIndex();
  const antlr4::misc::IntervalSet expected = parser->getExpectedTokens();
  if (isReserved(token->getType()) && expected.contains(std::size_t{P::ID}) && readAsName(token)) {
    parser->consume();
    return token;
  }
  if (!inErrorRecoveryMode(parser) && token->getType() == P::ID && !expected.contains(std::size_t{P::ID})) {
    std::vector<std::size_t> wanted;
    for (const ssize_t type : expected.toList()) {
      if (type > 0 && (isWord(static_cast<std::size_t>(type)) || isReserved(static_cast<std::size_t>(type)))) {
        wanted.push_back(static_cast<std::size_t>(type));
      }
    }
    if (readAsMeant(token, wanted, diag::Code::UnexpectedToken, "word")) {
      parser->consume();
      return token;
    }
  }
  const bool reports = !inErrorRecoveryMode(parser) && mayReport(parser, index);
  if (reports) reportUnexpected(parser, index, expected);
  const bool recovering = inErrorRecoveryMode(parser);
  beginErrorCondition(parser);
  const Place place = placeOf(parser);
  if (place.item != nullptr) breakItem(place.item);
  if (place.block_context != nullptr && place.block != nullptr && place.item == nullptr) {
    // The `{` of a block is taken as read; at its `}` only a declaration or the end of the file can stand.
    breakItem(place.block_context);
    return expected.contains(std::size_t{P::LBRACE}) ? takeBrace(parser, place) : getMissingSymbol(parser);
  }
  if (place.block == nullptr) {
    if (resume_at_ != SIZE_MAX) throw antlr4::InputMismatchException(parser);
    if (expected.contains(std::size_t{P::LBRACE}) && token->getType() != P::LBRACE) recover(parser, nullptr);
    if (current(parser)->getType() == P::LBRACE && expected.contains(std::size_t{P::LBRACE})) {
      antlr4::Token* brace = current(parser);
      parser->consume();
      return brace;
    }
    if (token->getType() == end_of_file) throw antlr4::InputMismatchException(parser);
    // The rule of the declaration itself goes on, to reach its block; a rule inside it is left.
    const bool declaration = parser->getContext() == place.item;
    if (declaration || (!recovering && singleTokenInsertion(parser))) return getMissingSymbol(parser);
    throw antlr4::InputMismatchException(parser);
  }
  if (!recovering && singleTokenInsertion(parser)) return getMissingSymbol(parser);
  throw antlr4::InputMismatchException(parser);
}

void Recovery::reportError(antlr4::Parser* parser, const antlr4::RecognitionException& e) {
  antlr4::Token* offending = e.getOffendingToken() != nullptr ? e.getOffendingToken() : current(parser);
  const std::size_t index = offending->getTokenIndex();
  const bool recovering = inErrorRecoveryMode(parser);
  const bool reports = mayReport(parser, index);
  beginErrorCondition(parser);
  if (recovering || !reports) return;
  antlr4::misc::IntervalSet expected;
  if (offending == current(parser)) expected = parser->getExpectedTokens();
  reportUnexpected(parser, index, expected);
}

bool Recovery::mayReport(antlr4::Parser* parser, std::size_t index) {
  const Place place = placeOf(parser);
  ParserRuleContext* item = place.item != nullptr ? place.item : place.block_context;
  if (item == nullptr) return true;
  breakItem(item);
  for (antlr4::tree::ParseTree* above = item->parent; above != nullptr; above = above->parent) {
    const auto* rule = dynamic_cast<ParserRuleContext*>(above);
    // The block of a declaration is read whatever is wrong with its head.
    if (blockOf(rule->getRuleIndex()) != nullptr && rule->parent != nullptr && rule->parent->parent != nullptr &&
        dynamic_cast<ParserRuleContext*>(rule->parent->parent)->getRuleIndex() == P::RuleDecl) break;
    if (reported_items_.count(above) != 0) return false;
  }
  if (!reported_items_.insert(item).second) return false;
  const LexedToken* first = at(item->start->getTokenIndex());
  const LexedToken* here = at(index);
  const std::uint32_t begin = first == nullptr ? 0 : first->begin;
  const std::uint32_t end = here == nullptr ? static_cast<std::uint32_t>(text_.size()) : here->end;
  // A slip of a token in the item that is open: what follows from it is not worth a message. In a block that is
  // not closed, slips of the items inside say nothing about the block.
  if (place.item == nullptr) return true;
  const auto slip = std::lower_bound(lexed_.reported.begin(), lexed_.reported.end(), begin);
  return slip == lexed_.reported.end() || *slip >= end;
}

void Recovery::breakItem(ParserRuleContext* context) {
  for (antlr4::tree::ParseTree* node = context; node != nullptr; node = node->parent) {
    const auto* rule = dynamic_cast<ParserRuleContext*>(node);
    if (rule == nullptr || rule->getRuleIndex() == P::RuleFile) return;
    // A broken item inside the block of a declaration does not break the declaration's head.
    const auto* above = dynamic_cast<ParserRuleContext*>(node->parent);
    const bool block_of_declaration = blockOf(rule->getRuleIndex()) != nullptr && above != nullptr && above->parent != nullptr &&
                                      dynamic_cast<ParserRuleContext*>(above->parent)->getRuleIndex() == P::RuleDecl;
    broken_.insert(node);
    if (block_of_declaration) return;
  }
}

}  // namespace cd4ml::parse
