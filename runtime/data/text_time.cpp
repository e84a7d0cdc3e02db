#include "runtime/data/text_time.h"

#include <cstring>

#include "runtime/data/parse_pattern.h"
#include "runtime/data/parse_value.h"

namespace cd4ml::data {

namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

std::int64_t floorSeconds(std::int64_t micros) { return micros / kSecond - (micros % kSecond < 0 ? 1 : 0); }

std::optional<LocalTime> readTime(const TextFormat& format, std::string_view text) {
  if (format.dates.empty()) return parseLocalTime(text);
  for (const ir::DatePattern& pattern : format.dates) {
    if (const auto time = parseByPattern(pattern, text)) return time;
  }
  return std::nullopt;
}

}  // namespace

TimeReading TimeReader::date(std::string_view text, std::int64_t& days) const {
  if (format_->dates.empty()) {
    const auto day = parseDate(text);
    days = day.value_or(0);
    return day ? TimeReading::Ok : TimeReading::Unreadable;
  }
  for (const ir::DatePattern& pattern : format_->dates) {
    if (!pattern.isDay()) continue;
    if (const auto time = parseByPattern(pattern, text)) {
      days = time->micros / kDay - (time->micros % kDay < 0 ? 1 : 0);
      return TimeReading::Ok;
    }
  }
  return TimeReading::Unreadable;
}

/// `…T10:00:00Z` of the day before it: the form that most files have.
bool TimeReader::knownDay(std::string_view text, std::int64_t& micros) const {
  if (text.size() != 20 || text[19] != 'Z' || (text[10] != 'T' && text[10] != ' ') || text[13] != ':' ||
      text[16] != ':')
    return false;
  if (std::memcmp(text.data(), day_.data(), day_.size()) != 0) return false;
  const auto two = [&](std::size_t at) {
    const auto high = static_cast<unsigned>(text[at] - '0');
    const auto low = static_cast<unsigned>(text[at + 1] - '0');
    return high > 9 || low > 9 ? 99U : high * 10 + low;
  };
  const unsigned hour = two(11);
  const unsigned minute = two(14);
  const unsigned second = two(17);
  if (hour > 23 || minute > 59 || second > 59) return false;
  micros = day_micros_ + static_cast<std::int64_t>((hour * 60 + minute) * 60 + second) * kSecond;
  return true;
}

TimeReading TimeReader::timestamp(std::string_view text, std::int64_t& micros) {
  if (format_->dates.empty() && knownDay(text, micros)) return TimeReading::Ok;
  const auto time = readTime(*format_, text);
  if (!time) return TimeReading::Unreadable;
  micros = time->micros;
  if (text.size() == 20 && text[19] == 'Z' && format_->dates.empty()) {
    std::memcpy(day_.data(), text.data(), day_.size());
    day_micros_ = micros - (micros % kDay + kDay) % kDay;
  }
  if (time->offset_seconds) {
    micros -= *time->offset_seconds * kSecond;
  } else if (format_->zone != nullptr) {
    const std::int64_t seconds = floorSeconds(time->micros);
    if (seconds < known_.from || seconds >= known_.to) {
      const auto offset = format_->zone->offsetAt(seconds);
      if (!offset) return TimeReading::NeverComes;
      known_ = *offset;
    }
    micros -= known_.seconds * kSecond;
  }
  return TimeReading::Ok;
}

}  // namespace cd4ml::data
