/// The files of a source, opened in order and held against the declared fields.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/data/read.h"
#include "runtime/data/table_file.h"

namespace cd4ml::data {

struct OpenFile {
  std::string path;
  std::unique_ptr<TableFile> table;
  std::vector<int> columns;    ///< column of the file for each wanted field
  std::int64_t first_row = 0;  ///< of this file in the whole
};

struct OpenFiles {
  std::vector<OpenFile> files;  ///< at least one, in the order of the request
  std::int64_t rows = 0;        ///< at least one
};

/// Checks that the files are those which were hashed, and opens them.
[[nodiscard]] Result<OpenFiles> openFiles(const ReadRequest& request);

/// Whether the files are still those which were hashed.
[[nodiscard]] Status checkUnchanged(const ReadRequest& request);

}  // namespace cd4ml::data
