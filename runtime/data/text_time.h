/// Dates and times of text files as their options say: by patterns, local to a zone.
///
/// Without patterns texts are ISO 8601. A time without an offset is local to the zone. A local time that comes twice,
/// when clocks are set back, is the first of the two; one that never comes, when they are set forward, is refused.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/ir/date_pattern.h"

namespace cd4ml::data {

/// A time zone of the system's IANA database, or an offset; immutable.
class Zone {
 public:
  virtual ~Zone() = default;
  [[nodiscard]] virtual const std::string& name() const = 0;
  /// The offset at a local time, and until which local time it surely holds; nullopt for a time that never comes.
  struct Offset {
    std::int64_t seconds = 0;
    std::int64_t from = 0;  ///< local seconds [from, to) have this offset
    std::int64_t to = 0;
  };
  [[nodiscard]] virtual std::optional<Offset> offsetAt(std::int64_t local_seconds) const = 0;
};

/// `Europe/Berlin`, `+02:00`; null for `UTC`. The error (CD5026) names near ones.
[[nodiscard]] Result<std::shared_ptr<const Zone>> findZone(const std::string& name, Span span);

/// How texts of a text file become values.
struct TextFormat {
  char decimal = '.';
  std::vector<ir::DatePattern> dates{};  ///< tried in order; none: ISO 8601
  std::shared_ptr<const Zone> zone{};    ///< null: UTC

  [[nodiscard]] bool isPlainTime() const { return dates.empty() && zone == nullptr; }
};

enum class TimeReading : std::uint8_t { Ok, Unreadable, NeverComes };

/// Reads values of one column, one after the other; not for several threads at once.
class TimeReader {
 public:
  explicit TimeReader(const TextFormat& format) : format_(&format) {}
  /// Days since 1970.
  [[nodiscard]] TimeReading date(std::string_view text, std::int64_t& days) const;
  /// µs since 1970, UTC.
  [[nodiscard]] TimeReading timestamp(std::string_view text, std::int64_t& micros);

 private:
  [[nodiscard]] bool knownDay(std::string_view text, std::int64_t& micros) const;

  const TextFormat* format_;
  // Of the time before: data is mostly in order.
  Zone::Offset known_{};
  std::array<char, 10> day_{};  ///< `2024-06-01`
  std::int64_t day_micros_ = 0;
};

}  // namespace cd4ml::data
