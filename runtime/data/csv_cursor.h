/// Walks over the fields of CSV text, RFC 4180 and what is common beside it: any delimiter and quote, or none; lines
/// end in \n, \r\n or \r; empty lines are none, unless `EmptyLines::AreRows`.
///
/// A quote opens a quoted field only at its start. Behind the closing quote the field goes on to the delimiter.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/csv_options.h"

namespace cd4ml::data {

struct CsvField {
  std::string_view text;  ///< without quotes; holds until the next call
  bool quoted = false;
  bool last = false;  ///< of its record
  bool open = false;  ///< its quote is never closed
};

/// A file of one column writes null as an empty line.
enum class EmptyLines : std::uint8_t { AreNone, AreRows };

class CsvCursor {
 public:
  CsvCursor(std::string_view text, const CsvOptions& options, EmptyLines empty = EmptyLines::AreNone);
  /// Goes to the next record; false at the end. After it, `field` is called up to the last one.
  bool next();
  CsvField field();
  [[nodiscard]] const char* position() const { return at_; }

 private:
  CsvField quotedField();
  [[nodiscard]] const char* fieldEnd(const char* from) const;
  /// Takes the delimiter or line end at `end` and says whether it was the last of the record.
  bool take(const char* end);

  const char* at_;
  const char* end_;
  char delimiter_;
  char quote_;
  EmptyLines empty_;
  std::uint64_t delimiters_;  ///< eight times the delimiter
  std::string unquoted_;
};

inline const char* CsvCursor::fieldEnd(const char* from) const {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  // The high bit of each byte that is zero; bytes above the first such may be wrong.
  const auto zeroBytes = [](std::uint64_t word) { return (word - kOnes) & ~word & (kOnes << 7); };
  const char* p = from;
  for (; end_ - p >= 8; p += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    const std::uint64_t found =
        zeroBytes(word ^ delimiters_) | zeroBytes(word ^ (kOnes * '\n')) | zeroBytes(word ^ (kOnes * '\r'));
    if (found != 0) return p + (std::countr_zero(found) >> 3);
  }
  while (p < end_ && *p != delimiter_ && *p != '\n' && *p != '\r') ++p;
  return p;
}

inline bool CsvCursor::take(const char* end) {
  at_ = end;
  if (end == end_) return true;
  ++at_;
  if (*end == delimiter_) return false;
  if (*end == '\r' && at_ < end_ && *at_ == '\n') ++at_;
  return true;
}

inline bool CsvCursor::next() {
  if (empty_ == EmptyLines::AreNone) {
    while (at_ < end_ && (*at_ == '\n' || *at_ == '\r')) ++at_;
  }
  return at_ < end_;
}

inline CsvField CsvCursor::field() {
  if (quote_ != 0 && at_ < end_ && *at_ == quote_) return quotedField();
  const char* const begin = at_;
  const char* const end = fieldEnd(begin);
  CsvField out{.text = {begin, static_cast<std::size_t>(end - begin)}};
  out.last = take(end);
  return out;
}

/// The text behind a byte order mark and the skipped lines.
[[nodiscard]] std::string_view csvBody(std::string_view text, const CsvOptions& options);

/// Parts of the text that begin where records begin, of about `size` bytes.
[[nodiscard]] std::vector<std::string_view> splitRecords(std::string_view body, const CsvOptions& options,
                                                         EmptyLines empty, std::size_t size);

/// Line (from 1) of a place in the text.
[[nodiscard]] std::int64_t lineOf(std::string_view text, const char* place);

}  // namespace cd4ml::data
