#include "compiler/ir/text_reader.h"

#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace cd4ml::ir {
namespace {

bool isWordByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

bool isIdentifier(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    if (!isWordByte(c) || c == '.') return false;
  }
  return true;
}

std::optional<Kind> kindOf(std::string_view word) {
  for (const Kind kind : {Kind::Error, Kind::Null, Kind::Int, Kind::Float, Kind::Bool, Kind::Text, Kind::Category,
                          Kind::Date, Kind::Timestamp, Kind::Duration, Kind::Vector}) {
    if (kindText(kind) == word) return kind;
  }
  return std::nullopt;
}

}  // namespace

std::string nameText(std::string_view name) {
  return isIdentifier(name) ? std::string(name) : literalText(Literal{std::string(name)});
}

void TextReader::fail(std::string what) {
  if (!wrong_.empty()) return;
  wrong_ = rest_.empty() ? what + " at the end of the line" : fmt::format("{} before `{}`", what, rest_);
  rest_ = {};
}

void TextReader::skipSpace() {
  while (!rest_.empty() && rest_.front() == ' ') rest_.remove_prefix(1);
}

std::string_view TextReader::peekWord() const {
  std::size_t length = 0;
  while (length < rest_.size() && isWordByte(rest_[length])) ++length;
  return rest_.substr(0, length);
}

std::string TextReader::word() {
  const std::string result{peekWord()};
  if (result.empty()) fail("a word is missing");
  if (ok()) rest_.remove_prefix(result.size());
  skipSpace();
  return result;
}

bool TextReader::accept(std::string_view mark) {
  if (!rest_.starts_with(mark)) return false;
  rest_.remove_prefix(mark.size());
  skipSpace();
  return true;
}

bool TextReader::acceptWord(std::string_view wanted) { return peekWord() == wanted && accept(wanted); }

void TextReader::expect(std::string_view mark) {
  if (!accept(mark)) fail(fmt::format("`{}` is missing", mark));
}

std::string TextReader::name() { return rest_.starts_with('"') ? text() : word(); }

std::string TextReader::text() {
  if (!rest_.starts_with('"')) {
    fail("a text is missing");
    return {};
  }
  std::string result = quoted();
  skipSpace();
  return result;
}

std::string TextReader::quoted() {
  std::string result;
  std::size_t at = 1;
  while (at < rest_.size() && rest_[at] != '"') {
    if (rest_[at] != '\\' || at + 1 >= rest_.size()) {
      result += rest_[at++];
      continue;
    }
    const char escape = rest_[at + 1];
    at += 2;
    if (escape == 'u' && at + 4 <= rest_.size()) {
      unsigned code = 0;
      std::from_chars(rest_.data() + at, rest_.data() + at + 4, code, 16);
      result += static_cast<char>(code);
      at += 4;
    } else {
      result += escape == 'n' ? '\n' : escape == 't' ? '\t' : escape;
    }
  }
  if (at >= rest_.size()) {
    fail("a text has no end");
    return {};
  }
  rest_.remove_prefix(at + 1);
  return result;
}

std::int64_t TextReader::integer() {
  std::int64_t value = 0;
  const auto end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
  if (end.ec != std::errc{}) {
    fail("an integer is missing");
    return 0;
  }
  rest_.remove_prefix(static_cast<std::size_t>(end.ptr - rest_.data()));
  skipSpace();
  return value;
}

std::uint32_t TextReader::index() { return static_cast<std::uint32_t>(integer()); }

double TextReader::number() {
  const Literal value = numberLiteral();
  if (const auto* whole = std::get_if<std::int64_t>(&value.value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value.value)) return *real;
  return 0;
}

Literal TextReader::numberLiteral() {
  std::string_view digits = rest_.substr(0, rest_.find_first_not_of("+-.0123456789abcdefghijklmnopqrstuvwxyz"));
  std::int64_t whole = 0;
  const auto* last = digits.data() + digits.size();
  if (const auto end = std::from_chars(digits.data(), last, whole); end.ec == std::errc{} && end.ptr == last) {
    (void)integer();
    return {whole};
  }
  double real = 0;
  const auto end = std::from_chars(digits.data(), last, real);
  if (end.ec != std::errc{} || end.ptr != last) {
    fail("a number is missing");
    return {};
  }
  rest_.remove_prefix(digits.size());
  skipSpace();
  return {real};
}

ValueId TextReader::valueId() {
  expect("%");
  return {index()};
}

NodeId TextReader::nodeId() {
  if (acceptWord("none")) return {};
  expect("#");
  return {index()};
}

Literal TextReader::literal() {
  if (rest_.starts_with('"')) return {text()};
  if (acceptWord("null")) return {};
  if (acceptWord("true")) return {true};
  if (acceptWord("false")) return {false};
  if (!accept("[")) return numberLiteral();
  Literal::List list;
  while (ok() && !accept("]")) {
    if (!list.empty()) expect(",");
    list.push_back(literal());
  }
  return {std::move(list)};
}

Type TextReader::type() {
  Type type;
  const std::optional<Kind> kind = kindOf(peekWord());
  if (!kind) {
    fail("a type is missing");
    return type;
  }
  type.kind = *kind;
  rest_.remove_prefix(peekWord().size());
  if (rest_.starts_with('<')) {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) fail("`>` is missing");
    if (ok()) {
      type.unit = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
    }
  }
  if (accept("{")) {
    std::vector<std::string> levels;
    while (ok() && !accept("}")) {
      if (!levels.empty()) expect(",");
      levels.push_back(text());
    }
    type.levels = std::make_shared<const std::vector<std::string>>(std::move(levels));
  }
  if (type.kind == Kind::Vector && accept("[")) {
    type.width = index();
    expect("]");
  }
  type.nullable = accept("?");
  skipSpace();
  return type;
}

Error malformedLine(std::size_t number, std::string_view what, std::string_view wrong) {
  return makeError("CD9002", fmt::format("line {} of the printed {}: {}", number, what, wrong));
}

}  // namespace cd4ml::ir
