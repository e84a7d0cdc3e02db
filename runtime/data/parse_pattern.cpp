#include "runtime/data/parse_pattern.h"

#include <array>
#include <charconv>
#include <span>

namespace cd4ml::data {

namespace {

using Part = ir::DatePattern::Part;

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

/// What the parts have given so far.
struct Parts {
  unsigned year = 0, month = 1, day = 1, day_of_year = 0;
  unsigned hour = 0, minute = 0, second = 0;
  std::optional<unsigned> half{};  ///< 0: AM, 1: PM
  std::int64_t micros = 0;
  std::optional<std::int64_t> offset{}, epoch{};
};

bool isBlank(char c) { return c == ' ' || c == '\t'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool startsWithName(std::string_view text, std::string_view name) {
  if (text.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
    if (c != name[i]) return false;
  }
  return true;
}

/// Takes one of the names, or the first `letters` of one; its place from 1.
bool takeName(std::string_view& text, std::span<const std::string_view> names, std::size_t letters, unsigned& out) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string_view name = names[i].substr(0, letters);
    if (!startsWithName(text, name)) continue;
    text.remove_prefix(name.size());
    out = static_cast<unsigned>(i + 1);
    return true;
  }
  return false;
}

bool takeWidth(std::string_view& text, std::size_t width, unsigned& out) {
  const std::size_t before = text.size();
  return time_part::digits(text, width, out) && before - text.size() == width;
}

bool takeEpoch(std::string_view& text, Parts& parts) {
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kMost = std::int64_t{1} << 43;  // µs fit in 64 bits
  if (failure != std::errc{} || seconds > kMost || seconds < -kMost) return false;
  parts.epoch = seconds;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool takeHalf(std::string_view& text, Parts& parts) {
  const bool am = startsWithName(text, "am");
  if (!am && !startsWithName(text, "pm")) return false;
  parts.half = am ? 0U : 1U;
  text.remove_prefix(2);
  return true;
}

bool takePiece(const ir::DatePattern::Piece& piece, std::string_view& text, Parts& parts) {
  constexpr std::size_t kWhole = std::string_view::npos;
  unsigned ignored = 0;
  switch (piece.part) {
    case Part::Text:
      if (text.empty() || text.front() != piece.text) return false;
      text.remove_prefix(1);
      return true;
    case Part::Blank:
      if (text.empty() || !isBlank(text.front())) return false;
      while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
      return true;
    case Part::Year:
      return takeWidth(text, 4, parts.year);
    case Part::ShortYear:
      if (!takeWidth(text, 2, parts.year)) return false;
      parts.year += parts.year >= 69 ? 1900 : 2000;
      return true;
    case Part::Month:
      return time_part::digits(text, 2, parts.month);
    case Part::MonthName:
      return takeName(text, kMonths, kWhole, parts.month);
    case Part::ShortMonthName:
      return takeName(text, kMonths, 3, parts.month);
    case Part::Day:
      return time_part::digits(text, 2, parts.day);
    case Part::DayOfYear:
      return time_part::digits(text, 3, parts.day_of_year) && parts.day_of_year > 0;
    case Part::Weekday:
      return takeName(text, kWeekdays, kWhole, ignored);
    case Part::ShortWeekday:
      return takeName(text, kWeekdays, 3, ignored);
    case Part::Hour:
      return time_part::digits(text, 2, parts.hour) && parts.hour <= 23;
    case Part::Hour12:
      return time_part::digits(text, 2, parts.hour) && parts.hour >= 1 && parts.hour <= 12;
    case Part::HalfOfDay:
      return takeHalf(text, parts);
    case Part::Minute:
      return time_part::digits(text, 2, parts.minute) && parts.minute <= 59;
    case Part::Second:
      return time_part::digits(text, 2, parts.second) && parts.second <= 59;
    case Part::Fraction:
      return time_part::fraction(text, parts.micros);
    case Part::Offset:
      parts.offset = time_part::offset(text);
      return parts.offset.has_value();
    case Part::EpochSeconds:
      return takeEpoch(text, parts);
  }
  CD4ML_UNREACHABLE("part of a pattern");
}

}  // namespace

std::optional<LocalTime> parseByPattern(const ir::DatePattern& pattern, std::string_view text) {
  text = trim(text);
  Parts parts;
  for (const ir::DatePattern::Piece& piece : pattern.pieces) {
    if (!takePiece(piece, text, parts)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  if (parts.epoch) return LocalTime{*parts.epoch * kSecond + parts.micros, 0};
  if (parts.month < 1 || parts.month > 12 || parts.day < 1 || parts.day > daysInMonth(parts.year, parts.month))
    return std::nullopt;
  const unsigned days_in_year = daysInMonth(parts.year, 2) == 29 ? 366 : 365;
  if (parts.day_of_year > days_in_year) return std::nullopt;
  if (parts.half) parts.hour = parts.hour % 12 + *parts.half * 12;
  const std::int64_t day = parts.day_of_year > 0 ? daysFromCivil(parts.year, 1, 1) + parts.day_of_year - 1
                                                 : daysFromCivil(parts.year, parts.month, parts.day);
  const std::int64_t seconds = (parts.hour * 60 + parts.minute) * 60 + parts.second;
  return LocalTime{day * kDay + seconds * kSecond + parts.micros, parts.offset};
}

}  // namespace cd4ml::data
