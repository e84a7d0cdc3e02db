#include "compiler/ir/date_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace cd4ml::ir {

namespace {

using Part = DatePattern::Part;

struct Letter {
  char letter;
  Part part;
};
constexpr std::array<Letter, 17> kLetters = {{{'Y', Part::Year},
                                              {'y', Part::ShortYear},
                                              {'m', Part::Month},
                                              {'B', Part::MonthName},
                                              {'b', Part::ShortMonthName},
                                              {'d', Part::Day},
                                              {'j', Part::DayOfYear},
                                              {'A', Part::Weekday},
                                              {'a', Part::ShortWeekday},
                                              {'H', Part::Hour},
                                              {'I', Part::Hour12},
                                              {'p', Part::HalfOfDay},
                                              {'M', Part::Minute},
                                              {'S', Part::Second},
                                              {'f', Part::Fraction},
                                              {'z', Part::Offset},
                                              {'s', Part::EpochSeconds}}};

Error wrong(std::string why) { return makeError("", std::move(why)); }

/// `%F` and `%T` written out.
std::string writtenOut(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char next = text[i] == '%' && i + 1 < text.size() ? text[i + 1] : '\0';
    if (next == 'F' || next == 'T') {
      out += next == 'F' ? "%Y-%m-%d" : "%H:%M:%S";
      ++i;
    } else {
      out += text[i];
      if (next != '\0') out += text[++i];
    }
  }
  return out;
}

/// What the parts lack together; nothing when they name one point in time.
std::optional<Error> lacking(const DatePattern& p) {
  if (p.has(Part::EpochSeconds)) {
    if (p.pieces.size() == 1 || (p.pieces.size() == 3 && p.has(Part::Fraction))) return std::nullopt;
    return wrong("`%s` counts seconds since 1970 and stands alone");
  }
  const bool month = p.has(Part::Month) || p.has(Part::MonthName) || p.has(Part::ShortMonthName);
  if (!p.has(Part::Year) && !p.has(Part::ShortYear)) return wrong("it has no year, `%Y` or `%y`");
  if (!p.has(Part::DayOfYear) && !month) return wrong("it has no month, `%m`, `%b` or `%B`");
  if (!p.has(Part::DayOfYear) && !p.has(Part::Day)) return wrong("it has no day, `%d`");
  if (p.has(Part::DayOfYear) && (month || p.has(Part::Day))) return wrong("`%j` is the day of the year, without month and day");
  if (p.has(Part::Hour) && p.has(Part::Hour12)) return wrong("it has two hours, `%H` and `%I`");
  if (p.has(Part::Hour12) != p.has(Part::HalfOfDay)) return wrong("`%I` counts to 12 and needs `%p`, AM or PM");
  const bool hour = p.has(Part::Hour) || p.has(Part::Hour12);
  if (p.has(Part::Minute) && !hour) return wrong("it has minutes but no hour, `%H`");
  if (p.has(Part::Second) && !p.has(Part::Minute)) return wrong("it has seconds but no minutes, `%M`");
  if (p.has(Part::Fraction) && !p.has(Part::Second)) return wrong("`%f` is a fraction of the second and needs `%S`");
  if (p.has(Part::Offset) && !hour) return wrong("it has an offset but no hour, `%H`");
  return std::nullopt;
}

std::optional<Error> twice(const DatePattern& pattern) {
  for (const Letter& each : kLetters) {
    const auto count = std::count_if(pattern.pieces.begin(), pattern.pieces.end(),
                                     [&](const DatePattern::Piece& piece) { return piece.part == each.part; });
    if (count > 1) return wrong(fmt::format("it has `%{}` twice", each.letter));
  }
  if (pattern.has(Part::Year) && pattern.has(Part::ShortYear)) return wrong("it has two years, `%Y` and `%y`");
  const int months = (pattern.has(Part::Month) ? 1 : 0) + (pattern.has(Part::MonthName) ? 1 : 0) +
                     (pattern.has(Part::ShortMonthName) ? 1 : 0);
  if (months > 1) return wrong("it has two months");
  return std::nullopt;
}

}  // namespace

bool DatePattern::has(Part part) const {
  return std::any_of(pieces.begin(), pieces.end(), [&](const Piece& piece) { return piece.part == part; });
}

bool DatePattern::isDay() const { return !has(Part::Hour) && !has(Part::Hour12) && !has(Part::EpochSeconds); }

Result<DatePattern> readDatePattern(std::string_view text) {
  DatePattern out;
  const std::string plain = writtenOut(text);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (plain[i] == ' ') {
      out.pieces.push_back({Part::Blank});
      continue;
    }
    if (plain[i] != '%') {
      out.pieces.push_back({Part::Text, plain[i]});
      continue;
    }
    if (++i == plain.size()) return wrong("it ends in `%`");
    if (plain[i] == '%') {
      out.pieces.push_back({Part::Text, '%'});
      continue;
    }
    const auto at = std::find_if(kLetters.begin(), kLetters.end(), [&](const Letter& l) { return l.letter == plain[i]; });
    if (at == kLetters.end()) return wrong(fmt::format("`%{}` is none of its parts", plain[i]));
    out.pieces.push_back({at->part});
  }
  if (std::none_of(out.pieces.begin(), out.pieces.end(), [](const DatePattern::Piece& p) { return p.part != Part::Text && p.part != Part::Blank; }))
    return wrong("it has no parts such as `%Y`, `%m`, `%d`");
  if (auto fault = twice(out)) return std::move(*fault);
  if (auto fault = lacking(out)) return std::move(*fault);
  return out;
}

}  // namespace cd4ml::ir
