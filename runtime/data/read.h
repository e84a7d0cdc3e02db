/// Reads the files of a source into columns of their declared types, and infers types where none are declared.
///
/// What comes out holds every promise of the field block but its `check`s: the columns are there, each value fits its
/// type, there is no null where the type has no `?`. Otherwise an error names file, row, column and the rule. Files are
/// concatenated in the order of the request, which is that of the source's key; columns that nobody asks for are not
/// read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/data/assemble.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

/// A file as it was when its bytes were hashed; with inode 0 nothing is compared.
struct InputFile {
  std::string path;
  std::uint64_t size = 0;
  std::int64_t mtime_ns = 0;
  std::uint64_t inode = 0;
};

struct ReadRequest {
  std::string reader{};               ///< a row of stdlib/readers.def; empty: by content and name
  std::vector<ir::Option> options{};  ///< of the reader; absent ones have their defaults
  std::vector<InputFile> files{};
  std::vector<SourceField> fields{};  ///< the wanted ones, in the order of the result
  Span span{};                        ///< of the source, for messages
  int threads = 1;
  BadCells bad_cells = BadCells::Refuse;
};

/// A cell that its field refuses, and why: "column `x`: `six` is no float".
struct BadCell {
  std::int64_t row = 0;
  std::string reason;
};

/// Rows [first_row, first_row + rows) of the columns come from `path`.
struct FileRows {
  std::string path;
  std::int64_t first_row = 0;
  std::int64_t rows = 0;
};

struct ReadResult {
  std::vector<Column> columns;
  std::int64_t rows = 0;
  std::vector<FileRows> files;
  std::vector<BadCell> bad;  ///< with BadCells::Null: of each row the first, by row
};

[[nodiscard]] Result<ReadResult> readFiles(ReadRequest request);

/// "row 12 of data/a.csv": the place of a row of a read source, rows of a file counting from 1.
[[nodiscard]] std::string rowPlace(const std::vector<FileRows>& files, std::int64_t row);

/// Names and types of all columns: int, float, bool, date, timestamp, duration; text is `category` up to 1,000 distinct
/// values. Nullable where there are nulls.
struct InferredColumn {
  std::string name;
  ir::Type type;
};
[[nodiscard]] Result<std::vector<InferredColumn>> inferColumns(ReadRequest request);
/// Names of the columns of the first file, in its order.
[[nodiscard]] Result<std::vector<std::string>> columnNames(ReadRequest request);

}  // namespace cd4ml::data
