// Values of `--param k=v`: text by the param's type, as it would be written in the file (texts without quotes).
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "compiler/check/expression.h"

namespace cd4ml::check {
namespace {

template <class Number>
std::optional<Number> readNumber(std::string_view text, std::string_view& rest) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::int64_t> readInt(std::string_view text) {
  std::string_view rest;
  const auto value = readNumber<std::int64_t>(text, rest);
  if (!value || !rest.empty()) return std::nullopt;
  return value;
}

/// `300`, `0.5`, `80%`, `300mi`; the unit must be the one that is wanted, or missing.
std::optional<double> readFloat(std::string_view text, std::string_view unit) {
  std::string_view rest;
  const auto value = readNumber<double>(text, rest);
  if (!value) return std::nullopt;
  if (rest == "%" && unit.empty()) return *value / 100;
  if (!rest.empty() && rest != unit) return std::nullopt;
  return value;
}

std::optional<std::int64_t> readDuration(std::string_view text) {
  std::string_view unit;
  const auto value = readNumber<double>(text, unit);
  const auto scale = microsecondsOf(unit);
  if (!value || !scale) return std::nullopt;
  const double microseconds = std::nearbyint(*value * static_cast<double>(*scale));
  if (!(std::fabs(microseconds) < 9.2e18)) return std::nullopt;
  return static_cast<std::int64_t>(microseconds);
}

/// Digits [begin, begin + count) of the text.
std::optional<std::int64_t> digits(std::string_view text, std::size_t begin, std::size_t count) {
  if (text.size() < begin + count || text[begin] == '-' || text[begin] == '+') return std::nullopt;
  return readInt(text.substr(begin, count));
}

std::optional<std::int64_t> readDate(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  const auto y = digits(text, 0, 4), m = digits(text, 5, 2), d = digits(text, 8, 2);
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !y || !m || !d) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(*y)}, std::chrono::month{static_cast<unsigned>(*m)},
                                        std::chrono::day{static_cast<unsigned>(*d)}};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days{day}.time_since_epoch().count();
}

/// `2024-06-01T10:00:00Z`, also with a fraction of a second of up to six digits.
std::optional<std::int64_t> readTimestamp(std::string_view text) {
  if (text.starts_with('@')) text.remove_prefix(1);
  const auto day = readDate(text.substr(0, 10));
  if (!day) return std::nullopt;
  constexpr std::int64_t day_us = 86'400'000'000;
  if (text.size() == 10) return *day * day_us;
  const auto h = digits(text, 11, 2), m = digits(text, 14, 2), s = digits(text, 17, 2);
  if (text.size() < 20 || text[10] != 'T' || text[13] != ':' || text[16] != ':' || !text.ends_with('Z')) return std::nullopt;
  if (!h || !m || !s || *h > 23 || *m > 59 || *s > 59) return std::nullopt;
  std::int64_t fraction = 0;
  if (text.size() > 20) {
    std::string places{text.substr(20, text.size() - 21)};
    if (text[19] != '.' || places.empty() || places.size() > 6) return std::nullopt;
    places.resize(6, '0');
    const auto value = digits(places, 0, 6);
    if (!value) return std::nullopt;
    fraction = *value;
  }
  return *day * day_us + ((*h * 60 + *m) * 60 + *s) * 1'000'000 + fraction;
}

template <class T>
std::optional<ir::Literal> literalOf(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return ir::Literal{*value};
}

}  // namespace

std::optional<ir::Literal> parseLiteral(std::string_view text, const ir::Type& type) {
  if (type.nullable && text == "null") return ir::Literal{};
  switch (type.kind) {
    case ir::Kind::Int: return literalOf(readInt(text));
    case ir::Kind::Float: return literalOf(readFloat(text, type.unit));
    case ir::Kind::Date: return literalOf(readDate(text));
    case ir::Kind::Timestamp: return literalOf(readTimestamp(text));
    case ir::Kind::Duration: return literalOf(readDuration(text));
    case ir::Kind::Text: return ir::Literal{std::string(text)};
    case ir::Kind::Bool:
      if (text != "true" && text != "false") return std::nullopt;
      return ir::Literal{text == "true"};
    case ir::Kind::Category:
      if (type.levels != nullptr && std::find(type.levels->begin(), type.levels->end(), text) == type.levels->end()) return std::nullopt;
      return ir::Literal{std::string(text)};
    case ir::Kind::Error:
    case ir::Kind::Null:
    case ir::Kind::Vector: break;
  }
  return std::nullopt;
}

namespace {

/// The pieces between the commas of `1,2`, `[1, 2]`, `a,"b,c"`; a piece in double quotes is taken as it is. nullopt: the
/// brackets or quotes do not close.
std::optional<std::vector<std::string>> piecesOfList(std::string_view text) {
  const auto trim = [](std::string_view piece) {
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    return piece;
  };
  text = trim(text);
  if (text.starts_with('[') != text.ends_with(']')) return std::nullopt;
  if (text.starts_with('[')) text = trim(text.substr(1, text.size() - 2));
  std::vector<std::string> pieces;
  while (!text.empty()) {
    std::size_t end = text.find(',');
    if (text.starts_with('"')) {
      const std::size_t quote = text.find('"', 1);
      if (quote == std::string_view::npos) return std::nullopt;
      pieces.emplace_back(text.substr(1, quote - 1));
      end = text.find(',', quote);
      if (!trim(text.substr(quote + 1, end == std::string_view::npos ? end : end - quote - 1)).empty()) return std::nullopt;
    } else {
      pieces.emplace_back(trim(text.substr(0, end)));
    }
    if (end == std::string_view::npos) break;
    text = trim(text.substr(end + 1));
    if (text.empty()) return std::nullopt;  // a comma at the end
  }
  return pieces;
}

}  // namespace

std::optional<ir::Literal> parseListLiteral(std::string_view text, const ir::Type& member) {
  const auto pieces = piecesOfList(text);
  if (!pieces) return std::nullopt;
  ir::Literal::List values;
  for (const std::string& piece : *pieces) {
    std::optional<ir::Literal> value = parseLiteral(piece, member);
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return ir::Literal{std::move(values)};
}

}  // namespace cd4ml::check
