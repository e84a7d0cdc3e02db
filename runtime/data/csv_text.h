/// The text of a CSV file: unpacked, with its records found one by one where a message needs them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/data/csv_options.h"

namespace arrow {
class Buffer;
}

namespace cd4ml::data {

/// The bytes of a file, mapped; gzip and zstd are unpacked, whatever the file's name.
[[nodiscard]] Result<std::shared_ptr<arrow::Buffer>> readText(const std::string& path);

/// One record: its fields without quotes and the line (from 1) on which it starts.
struct CsvRecord {
  std::vector<std::string> fields;
  std::int64_t line = 0;
};

/// Walks over the records; empty lines are none.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, const CsvOptions& options);
  /// False at the end.
  bool next(CsvRecord& record);
  /// Byte at which the next record starts.
  [[nodiscard]] std::size_t position() const { return at_; }

 private:
  void skipLine();
  std::string_view text_;
  CsvOptions options_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

/// Line of data row `row` (from 0).
[[nodiscard]] std::int64_t lineOfRow(std::string_view text, const CsvOptions& options, std::int64_t row);

}  // namespace cd4ml::data
