/// Walks over the fields of CSV text, RFC 4180 and what is common beside it: any delimiter and quote, or none; lines end
/// in \n, \r\n or \r; empty lines are none, unless `EmptyLines::AreRows`.
///
/// A quote opens a quoted field only at its start. Behind the closing quote the field goes on to the delimiter.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/data/csv_options.h"

namespace cd4ml::data {

struct CsvField {
  std::string_view text;  ///< without quotes; holds until the next call
  bool quoted = false;
  bool last = false;      ///< of its record
  bool open = false;      ///< its quote is never closed
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

/// The text behind a byte order mark and the skipped lines.
[[nodiscard]] std::string_view csvBody(std::string_view text, const CsvOptions& options);

/// Parts of the text that begin where records begin, of about `size` bytes.
[[nodiscard]] std::vector<std::string_view> splitRecords(std::string_view body, const CsvOptions& options, EmptyLines empty, std::size_t size);

/// Line (from 1) of a place in the text.
[[nodiscard]] std::int64_t lineOf(std::string_view text, const char* place);

}  // namespace cd4ml::data
