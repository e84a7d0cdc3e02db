/// Reads one value of a text file. Surrounding blanks are ignored; nothing else is guessed and no locale takes part.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cd4ml::score {

[[nodiscard]] std::optional<std::int64_t> parseInt(std::string_view text);
/// Decimal or exponent form, `nan`, `inf`, `-inf` in any letter case; `decimal` is the decimal point.
[[nodiscard]] std::optional<double> parseFloat(std::string_view text, char decimal = '.');
/// `true`, `false`, `True`, `False`, `TRUE`, `FALSE`, `1`, `0`.
[[nodiscard]] std::optional<bool> parseBool(std::string_view text);
/// Days since 1970-01-01 of `2024-06-01`.
[[nodiscard]] std::optional<std::int64_t> parseDate(std::string_view text);
/// A time as written: µs since 1970 on the clock of its place, and the offset to UTC where one stands.
struct LocalTime {
  std::int64_t micros = 0;
  std::optional<std::int64_t> offset_seconds{};
};
/// The forms of parseTimestamp.
[[nodiscard]] std::optional<LocalTime> parseLocalTime(std::string_view text);
/// µs since 1970 of `2024-06-01`, `2024-06-01 10:00`, `2024-06-01T10:00:00.25Z`, `…+02:00`; UTC where none stands.
[[nodiscard]] std::optional<std::int64_t> parseTimestamp(std::string_view text);
/// µs of `500ms`, `15min`, `-2h`, `7d` (language.md §2).
[[nodiscard]] std::optional<std::int64_t> parseDuration(std::string_view text);

/// The pieces that times are made of; each takes what it reads off the front of `text`.
namespace time_part {
/// From one up to `most` digits.
[[nodiscard]] bool digits(std::string_view& text, std::size_t most, unsigned& out);
/// Digits behind the point, as µs; more than six only if the others are zero.
[[nodiscard]] bool fraction(std::string_view& text, std::int64_t& micros);
/// `Z`, `+02:00`, `-0330`, `+02`, in seconds.
[[nodiscard]] std::optional<std::int64_t> offset(std::string_view& text);
}  // namespace time_part

[[nodiscard]] unsigned daysInMonth(std::int64_t year, unsigned month);
/// Days since 1970-01-01 of a day of the Gregorian calendar.
[[nodiscard]] std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day);
struct CivilDay {
  std::int64_t year;
  unsigned month;
  unsigned day;
};
[[nodiscard]] CivilDay civilFromDays(std::int64_t days);

}  // namespace cd4ml::score
