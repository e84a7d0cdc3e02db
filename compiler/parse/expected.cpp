#include <algorithm>

#include <Cd4mlParser.h>

#include "compiler/parse/recovery.h"

namespace cd4ml::parse {

namespace {

using P = grammar::Cd4mlParser;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " or " : ", ";
    text += parts[i];
  }
  return text;
}

}  // namespace

std::string expectedInWords(const antlr4::misc::IntervalSet& expected) {
  const auto has = [&](std::size_t type) { return expected.contains(type); };
  std::vector<std::string> parts;
  const bool names = has(P::ID);
  const bool expressions = names && has(P::LBRACKET) && has(P::LPAREN) && has(P::TEXT);
  const bool operators = has(P::PLUS) && has(P::STAR);
  const bool amounts = !expressions && has(P::INT) && has(P::PERCENT);
  if (expressions) {
    parts.emplace_back("an expression");
  } else if (names) {
    parts.emplace_back("a name");
  }
  if (amounts) parts.emplace_back("an amount");
  const auto covered = [&](std::size_t type) {
    const bool word = isWord(type);
    if (word) return names;
    if (expressions && (isReserved(type) || opensBracket(type) || type == P::MINUS || type <= P::TIME)) return true;
    if (amounts && (type == P::INT || type == P::FLOAT || type == P::PERCENT || type == P::QUANTITY || type == P::LPAREN || type == P::MINUS)) return true;
    if (type == P::RAW_TEXT) return has(P::TEXT);
    if (operators && ((type >= P::RANGE && type <= P::MODULO) || type == P::K_AND || type == P::K_OR || type == P::K_NOT || type == P::K_IN || type == P::K_IS || type == P::K_OVER || type == P::DOT || type == P::LPAREN)) return true;
    return false;
  };
  std::vector<std::string> signs;
  for (const auto& interval : expected.getIntervals()) {
    for (ssize_t type = interval.a; type <= interval.b; ++type) {
      if (type < 0) continue;
      if (!covered(static_cast<std::size_t>(type))) signs.push_back(tokenInWords(static_cast<std::size_t>(type)));
    }
  }
  constexpr std::size_t limit = 8;
  if (signs.size() > limit) signs.resize(limit);
  parts.insert(parts.end(), signs.begin(), signs.end());
  if (operators && parts.empty()) parts.emplace_back("an operator");
  return joined(parts);
}

}  // namespace cd4ml::parse
