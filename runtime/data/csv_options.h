/// The options of the `csv` and `tsv` readers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/data/text_time.h"

namespace cd4ml::data {

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';  ///< 0: none
  bool header = true;
  std::vector<std::string> nulls;  ///< texts that are null besides the empty unquoted field
  std::int64_t skip = 0;           ///< lines before the header
  std::string encoding = "utf-8";
  TextFormat format;  ///< of numbers and times
};

/// Reads the written-out options; the checker has seen to it that they fit, but for the zone, which the system knows.
[[nodiscard]] Result<CsvOptions> csvOptions(const std::string& reader, const std::vector<ir::Option>& options);

/// The text of an option, "" where it is absent.
[[nodiscard]] std::string textOption(const std::vector<ir::Option>& options, std::string_view name);

}  // namespace cd4ml::data
