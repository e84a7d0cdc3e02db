/// A pattern of dates and times in text files: `%d.%m.%Y`, `%m/%d/%y %I:%M %p`.
///
/// The letters are those of strptime; a pattern that is read names one day, each part at most once, and no part of a
/// clock without the one above it. The checker refuses all others, readers read values by it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cd4ml::ir {

struct DatePattern {
  enum class Part : std::uint8_t {
    Text, Blank, Year, ShortYear, Month, MonthName, ShortMonthName, Day, DayOfYear, Weekday, ShortWeekday, Hour, Hour12,
    HalfOfDay, Minute, Second, Fraction, Offset, EpochSeconds
  };
  struct Piece {
    Part part = Part::Text;
    char text = 0;  ///< of Text
  };
  std::vector<Piece> pieces;

  [[nodiscard]] bool has(Part part) const;
  /// Whether it gives a day only.
  [[nodiscard]] bool isDay() const;
};

/// The error says what is wrong with the pattern, and has no code: the caller knows where it stands.
[[nodiscard]] Result<DatePattern> readDatePattern(std::string_view text);

}  // namespace cd4ml::ir
