#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include "compiler/parse/builder.h"

namespace cd4ml::parse {

using namespace syntax;

namespace {

using diag::Code;

bool isDigit(char c) { return c >= '0' && c <= '9'; }

std::string withoutUnderscores(std::string_view s) {
  std::string out;
  for (const char c : s) {
    if (c != '_') out += c;
  }
  return out;
}

/// Underscores stand between digits only.
bool underscoresFit(std::string_view s) {
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] == '_' && (i == 0 || i + 1 == s.size() || !isDigit(s[i - 1]) || !isDigit(s[i + 1]))) return false;
  }
  return true;
}

/// Digits, point, digits and exponent at the front; the rest is the unit.
std::size_t numberLength(std::string_view s) {
  const auto digits = [&](std::size_t i) {
    while (i < s.size() && (isDigit(s[i]) || s[i] == '_')) ++i;
    return i;
  };
  std::size_t i = digits(0);
  if (i + 1 < s.size() && s[i] == '.' && isDigit(s[i + 1])) i = digits(i + 1);
  if (i < s.size() && (s[i] == 'e' || s[i] == 'E')) {
    const std::size_t exponent = i + 1 < s.size() && (s[i + 1] == '-' || s[i + 1] == '+') ? i + 2 : i + 1;
    if (exponent < s.size() && isDigit(s[exponent])) i = digits(exponent);
  }
  // `1_000_mi`: an underscore before the unit is part of neither.
  return i;
}

void appendUtf8(std::string& out, std::uint32_t point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | (point >> 6U));
    out += static_cast<char>(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | (point >> 12U));
    out += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (point & 0x3FU));
  } else {
    out += static_cast<char>(0xF0U | (point >> 18U));
    out += static_cast<char>(0x80U | ((point >> 12U) & 0x3FU));
    out += static_cast<char>(0x80U | ((point >> 6U) & 0x3FU));
    out += static_cast<char>(0x80U | (point & 0x3FU));
  }
}

/// Four hexadecimal digits at `at`, or -1.
std::int64_t hexAt(std::string_view s, std::size_t at) {
  if (at + 4 > s.size()) return -1;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(s.data() + at, s.data() + at + 4, value, 16);
  return error == std::errc{} && end == s.data() + at + 4 ? static_cast<std::int64_t>(value) : -1;
}

std::int64_t digitsAt(std::string_view s, std::size_t at, std::size_t count) {
  std::int64_t value = 0;
  for (std::size_t i = at; i < at + count; ++i) value = value * 10 + (s[i] - '0');
  return value;
}

}  // namespace

ExprId Builder::literal(antlr4::Token* token) {
  const std::string_view written = text(token);
  const Span place = span(token);
  Expr out;
  switch (token->getType()) {
    case Grammar::INT: decodeInteger(out, written, place); break;
    case Grammar::FLOAT: decodeFloat(out, written, place); break;
    case Grammar::PERCENT: decodePercent(out, written, place); break;
    case Grammar::QUANTITY: decodeQuantity(out, written, place); break;
    case Grammar::TIME: decodeTime(out, written, place); break;
    case Grammar::TEXT:
    case Grammar::RAW_TEXT:
      out.kind = ExprKind::Text;
      out.text = decodeText(written, place, token->getType() == Grammar::RAW_TEXT);
      break;
    case Grammar::K_TRUE:
    case Grammar::K_FALSE:
      out.kind = ExprKind::Bool;
      out.integer = token->getType() == Grammar::K_TRUE ? 1 : 0;
      break;
    case Grammar::K_NULL: out.kind = ExprKind::Null; break;
    default: CD4ML_UNREACHABLE("a literal of the grammar that the builder does not know");
  }
  const std::uint32_t at_token = treeToken(token);
  return add(std::move(out), at_token, at_token);
}

void Builder::decodeInteger(Expr& expr, std::string_view digits, Span place) {
  if (!underscoresFit(digits)) {
    report(Code::BadNumber, place, fmt::format("`{}`: an underscore stands between two digits", digits));
    return;
  }
  const std::string plain = withoutUnderscores(digits);
  if (plain.size() > 1 && plain.front() == '0') {
    auto& d = report(Code::BadNumber, place, fmt::format("`{}`: a number has no leading zeros", digits));
    const std::size_t first = std::min(plain.find_first_not_of('0'), plain.size() - 1);
    d.fixes.push_back({.title = fmt::format("write `{}`", plain.substr(first)), .edits = {{.span = place, .replacement = plain.substr(first)}}});
    return;
  }
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc{}) {
    report(Code::BadNumber, place, fmt::format("`{}` does not fit a 64-bit integer", digits))
        .help.emplace_back("the largest is 9223372036854775807; a float is written with a point");
    return;
  }
  expr.kind = ExprKind::Int;
  expr.integer = value;
  expr.number = static_cast<double>(value);
}

void Builder::decodeFloat(Expr& expr, std::string_view digits, Span place) {
  if (!underscoresFit(digits)) {
    report(Code::BadNumber, place, fmt::format("`{}`: an underscore stands between two digits", digits));
    return;
  }
  const std::string plain = withoutUnderscores(digits);
  if (plain.size() > 1 && plain[0] == '0' && isDigit(plain[1])) {
    report(Code::BadNumber, place, fmt::format("`{}`: a number has no leading zeros", digits));
    return;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), value);
  if (error != std::errc{} || !std::isfinite(value)) {
    report(Code::BadNumber, place, fmt::format("`{}` does not fit a 64-bit float", digits));
    return;
  }
  expr.kind = ExprKind::Float;
  expr.number = value;
}

void Builder::decodePercent(Expr& expr, std::string_view written, Span place) {
  Expr number;
  const std::string_view digits = written.substr(0, written.size() - 1);
  decodeFloat(number, digits, place);
  if (number.kind == ExprKind::Error) return;
  // Moving the point in the text, not dividing by 100, gives the float nearest to what is written (`0.1%` is 0.001).
  const std::string shifted = withoutUnderscores(digits);
  const std::size_t e = shifted.find_first_of("eE");
  int exponent = 0;
  if (e != std::string::npos) {
    const char* begin = shifted.data() + e + 1;
    if (*begin == '+') ++begin;
    std::from_chars(begin, shifted.data() + shifted.size(), exponent);
  }
  const std::string scaled = fmt::format("{}e{}", shifted.substr(0, e), exponent - 2);
  std::from_chars(scaled.data(), scaled.data() + scaled.size(), expr.number);
  expr.kind = ExprKind::Percent;
}

void Builder::decodeQuantity(Expr& expr, std::string_view written, Span place) {
  const std::size_t length = numberLength(written);
  const std::string_view digits = written.substr(0, length);
  const std::string_view unit = written.substr(length);
  if (digits == "0" && unit.size() > 1 && (unit[0] == 'x' || unit[0] == 'b' || unit[0] == 'o') && isDigit(unit[1])) {
    report(Code::BadNumber, place, fmt::format("`{}`: numbers are written in decimal", written));
    return;
  }
  Expr number;
  if (digits.find_first_of(".eE") == std::string_view::npos) {
    decodeInteger(number, digits, place);
  } else {
    decodeFloat(number, digits, place);
  }
  if (number.kind == ExprKind::Error) return;
  expr.kind = ExprKind::Quantity;
  expr.number = number.number;
  expr.integer = number.integer;
  expr.text = unit;
}

void Builder::decodeTime(Expr& expr, std::string_view written, Span place) {
  using namespace std::chrono;
  if (written.size() < 11) return;  // reported as a slip
  const year_month_day date{year{static_cast<int>(digitsAt(written, 1, 4))}, month{static_cast<unsigned>(digitsAt(written, 6, 2))},
                            day{static_cast<unsigned>(digitsAt(written, 9, 2))}};
  if (!date.ok()) {
    report(Code::BadTime, place, fmt::format("`{}` is not in the calendar", written.substr(0, 11)));
    return;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  if (written.size() == 11) {
    expr.kind = ExprKind::Date;
    expr.integer = days;
    return;
  }
  if (written.back() != 'Z') {
    auto& d = report(Code::BadTime, place, fmt::format("`{}`: a point in time is in UTC and ends with `Z`", written));
    if (isDigit(written.back()) && written.find_first_of("+-", 12) == std::string_view::npos) {
      d.fixes.push_back({.title = "add `Z`", .edits = {{.span = {place.file, place.end, place.end}, .replacement = "Z"}}, .safe = false});
    }
    return;
  }
  const std::int64_t hour = digitsAt(written, 12, 2);
  const std::int64_t minute = digitsAt(written, 15, 2);
  const std::int64_t second = written.size() > 18 ? digitsAt(written, 18, 2) : 0;
  if (hour > 23 || minute > 59 || second > 59) {
    report(Code::BadTime, place, fmt::format("`{}`: hours end at 23, minutes and seconds at 59", written));
    return;
  }
  std::int64_t micros = 0;
  if (written.size() > 22) {
    const std::string_view fraction = written.substr(21, written.size() - 22);
    if (fraction.size() > 6) {
      report(Code::BadTime, place, fmt::format("`{}`: timestamps count microseconds, six digits after the point", written));
      return;
    }
    micros = digitsAt(fraction, 0, fraction.size());
    for (std::size_t i = fraction.size(); i < 6; ++i) micros *= 10;
  }
  expr.kind = ExprKind::Timestamp;
  expr.integer = ((days * 24 + hour) * 60 + minute) * 60 + second;
  expr.integer = expr.integer * 1'000'000 + micros;
}

std::string Builder::decodeText(std::string_view written, Span place, bool raw) {
  const std::size_t open = raw ? 2 : 1;
  const bool closed = written.size() > open && written.back() == written[open - 1];
  const std::string_view inside = written.substr(open, written.size() - open - (closed ? 1 : 0));
  if (raw) return std::string(inside);
  std::string out;
  for (std::size_t i = 0; i < inside.size(); ++i) {
    if (inside[i] != '\\' || i + 1 >= inside.size()) {
      out += inside[i];
      continue;
    }
    const auto begin = static_cast<std::uint32_t>(place.begin + open + i);
    const char kind = inside[++i];
    constexpr std::string_view from = "\"\\/bfnrt'";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t'";
    const std::size_t simple = from.find(kind);
    if (simple != std::string_view::npos && (kind != '\'' || written.front() == '\'')) {
      out += to[simple];
      continue;
    }
    const std::int64_t unit = kind == 'u' ? hexAt(inside, i + 1) : -1;
    if (unit < 0) {
      auto& d = report(Code::BadEscape, {place.file, begin, begin + 2}, fmt::format("`\\{}` is not an escape of texts", kind));
      d.help = {"escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX; r\"…\" takes every character as it is"};
      continue;
    }
    i += 4;
    auto point = static_cast<std::uint32_t>(unit);
    const bool high = point >= 0xD800 && point < 0xDC00;
    const std::int64_t low = high && inside.substr(i + 1).starts_with("\\u") ? hexAt(inside, i + 3) : -1;
    if (high && low >= 0xDC00 && low < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10U) + static_cast<std::uint32_t>(low - 0xDC00);
      i += 6;
    } else if (point >= 0xD800 && point < 0xE000) {
      report(Code::BadEscape, {place.file, begin, begin + 6}, "half of a surrogate pair is not a character");
      continue;
    }
    appendUtf8(out, point);
  }
  return out;
}

}  // namespace cd4ml::parse
