/// The options of the `csv` and `tsv` readers.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::data {

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';  ///< 0: none
  bool header = true;
  std::vector<std::string> nulls;  ///< texts that are null besides the empty unquoted field
  char decimal = '.';
  std::int64_t skip = 0;  ///< lines before the header
};

/// Reads the written-out options; what cannot be done yet is an error that says so.
[[nodiscard]] Result<CsvOptions> csvOptions(const std::string& reader, const std::vector<ir::Option>& options);

}  // namespace cd4ml::data
