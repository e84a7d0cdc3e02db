#include "runtime/score/parse_value.h"

#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace cd4ml::score {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Takes exactly `digits` digits off the front.
bool takeNumber(std::string_view& text, std::size_t digits, unsigned& out) {
  if (text.size() < digits) return false;
  out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const char c = text[i];
    if (c < '0' || c > '9') return false;
    out = out * 10 + static_cast<unsigned>(c - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool takeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::int64_t> takeDate(std::string_view& text) {
  unsigned year = 0;
  unsigned month = 0;
  unsigned day = 0;
  if (!takeNumber(text, 4, year) || !takeChar(text, '-') || !takeNumber(text, 2, month) || !takeChar(text, '-') ||
      !takeNumber(text, 2, day)) {
    return std::nullopt;
  }
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return std::nullopt;
  return daysFromCivil(year, month, day);
}

}  // namespace

unsigned daysInMonth(std::int64_t year, unsigned month) {
  static constexpr std::array<unsigned, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

namespace time_part {

bool digits(std::string_view& text, std::size_t most, unsigned& out) {
  out = 0;
  std::size_t taken = 0;
  for (; taken < most && taken < text.size() && text[taken] >= '0' && text[taken] <= '9'; ++taken) {
    out = out * 10 + static_cast<unsigned>(text[taken] - '0');
  }
  text.remove_prefix(taken);
  return taken > 0;
}

bool fraction(std::string_view& text, std::int64_t& micros) {
  std::int64_t scale = 100'000;
  bool any = false;
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1)) {
    any = true;
    const int digit = text.front() - '0';
    if (scale == 0 && digit != 0) return false;
    micros += digit * scale;
    scale /= 10;
  }
  return any;
}

std::optional<std::int64_t> offset(std::string_view& text) {
  if (takeChar(text, 'Z') || takeChar(text, 'z')) return 0;
  if (text.empty()) return std::nullopt;
  const std::int64_t sign = text.front() == '-' ? -1 : 1;
  if (!takeChar(text, '+') && !takeChar(text, '-')) return std::nullopt;
  unsigned hours = 0;
  unsigned minutes = 0;
  if (!takeNumber(text, 2, hours)) return std::nullopt;
  const bool colon = takeChar(text, ':');
  if ((colon || !text.empty()) && !takeNumber(text, 2, minutes)) return std::nullopt;
  if (hours > 23 || minutes > 59) return std::nullopt;
  return sign * static_cast<std::int64_t>(hours * 60 + minutes) * 60;
}

}  // namespace time_part

std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day) {
  // Years begin in March, so that the leap day is the last of its year; an era has 400 years, 146,097 days.
  const std::int64_t y = month <= 2 ? year - 1 : year;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t year_of_era = y - era * 400;
  const std::int64_t day_of_year = (153 * (static_cast<std::int64_t>(month) + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719'468;
}

CivilDay civilFromDays(std::int64_t days) {
  const std::int64_t z = days + 719'468;
  const std::int64_t era = (z >= 0 ? z : z - 146'096) / 146'097;
  const std::int64_t day_of_era = z - era * 146'097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<unsigned>(day_of_year - (153 * shifted + 2) / 5 + 1);
  const auto month = static_cast<unsigned>(shifted < 10 ? shifted + 3 : shifted - 9);
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

namespace {

/// A leading `+`, which from_chars does not know.
std::string_view withoutPlus(std::string_view text) {
  const bool plus = text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+';
  return plus ? text.substr(1) : text;
}

}  // namespace

std::optional<std::int64_t> parseInt(std::string_view text) {
  text = withoutPlus(trim(text));
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<double> parseFloat(std::string_view text, char decimal) {
  text = withoutPlus(trim(text));
  if (text.empty()) return std::nullopt;
  std::string changed;
  if (decimal != '.') {
    if (text.find('.') != std::string_view::npos) return std::nullopt;
    changed = text;
    for (char& c : changed) c = c == decimal ? '.' : c;
    text = changed;
  }
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size()) return std::nullopt;
  if (failure == std::errc::result_out_of_range) {
    // Too large or too small for a float64: IEEE rounds to an infinity or to zero, as every reader of numbers does.
    const bool negative = text.front() == '-';
    const bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos ||
                      text.find_first_of("eE") == std::string_view::npos;
    const double magnitude = tiny ? 0.0 : std::numeric_limits<double>::infinity();
    return negative ? -magnitude : magnitude;
  }
  if (failure != std::errc{}) return std::nullopt;
  return value;
}

std::optional<bool> parseBool(std::string_view text) {
  text = trim(text);
  if (text == "true" || text == "True" || text == "TRUE" || text == "1") return true;
  if (text == "false" || text == "False" || text == "FALSE" || text == "0") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parseDate(std::string_view text) {
  text = trim(text);
  const auto days = takeDate(text);
  if (!text.empty()) return std::nullopt;
  return days;
}

std::optional<LocalTime> parseLocalTime(std::string_view text) {
  text = trim(text);
  const auto days = takeDate(text);
  if (!days) return std::nullopt;
  if (text.empty()) return LocalTime{*days * kDay};
  if (!takeChar(text, 'T') && !takeChar(text, ' ')) return std::nullopt;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t micros = 0;
  if (!takeNumber(text, 2, hour) || !takeChar(text, ':') || !takeNumber(text, 2, minute)) return std::nullopt;
  if (takeChar(text, ':')) {
    if (!takeNumber(text, 2, second)) return std::nullopt;
    if (takeChar(text, '.') && !time_part::fraction(text, micros)) return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59) return std::nullopt;
  LocalTime out{*days * kDay + static_cast<std::int64_t>((hour * 60 + minute) * 60 + second) * kSecond + micros};
  if (text.empty()) return out;
  out.offset_seconds = time_part::offset(text);
  if (!out.offset_seconds || !text.empty()) return std::nullopt;
  return out;
}

std::optional<std::int64_t> parseTimestamp(std::string_view text) {
  const auto time = parseLocalTime(text);
  if (!time) return std::nullopt;
  return time->micros - time->offset_seconds.value_or(0) * kSecond;
}

std::optional<std::int64_t> parseDuration(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::int64_t micros;
  };
  static constexpr std::array<Unit, 7> kUnits = {{{"us", 1},
                                                  {"ms", 1000},
                                                  {"s", kSecond},
                                                  {"min", 60 * kSecond},
                                                  {"h", 3600 * kSecond},
                                                  {"d", kDay},
                                                  {"w", 7 * kDay}}};
  text = trim(text);
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  for (const Unit& unit : kUnits) {
    std::int64_t micros = 0;
    if (text == unit.name && !__builtin_mul_overflow(count, unit.micros, &micros)) return micros;
  }
  return std::nullopt;
}

}  // namespace cd4ml::score
