/// One open file of a source: its columns, and their rows in pieces that can be loaded from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/data/assemble.h"
#include "runtime/data/csv_options.h"

namespace arrow {
class ChunkedArray;
class Schema;
}  // namespace arrow

namespace cd4ml::data {

/// A cell of an open file that its field refuses; it is null there.
struct CellFault {
  int column = 0;    ///< of the schema
  ValueFault fault;  ///< its row is that of the file
};

/// What may be read out of the texts of a file whose columns are not declared.
enum class Texts : std::uint8_t {
  AreTexts,    ///< the file knows types
  MayBeTimes,  ///< it knows types, but none for dates and times
  AreUntyped   ///< all is text
};

class TableFile {
 public:
  virtual ~TableFile() = default;

  /// All columns of the file, in file order.
  [[nodiscard]] virtual const arrow::Schema& schema() const = 0;
  [[nodiscard]] virtual std::int64_t rows() const = 0;
  [[nodiscard]] virtual std::size_t pieces() const = 0;
  /// First row of a piece; rows() for pieces().
  [[nodiscard]] virtual std::int64_t pieceBegin(std::size_t piece) const = 0;
  /// Column `column` of the schema, the rows of one piece. Thread-safe.
  [[nodiscard]] virtual Result<std::shared_ptr<arrow::ChunkedArray>> load(std::size_t piece, int column) = 0;
  /// Where a row (from 0) stands: "row 3", "row 3 (line 5)".
  [[nodiscard]] virtual std::string rowText(std::int64_t row) const = 0;
  [[nodiscard]] virtual Texts texts() const { return Texts::AreTexts; }
  /// How its texts become values.
  [[nodiscard]] virtual const TextFormat& format() const;
  /// By row, then column: all of them, or with BadCells::Refuse at least the first.
  [[nodiscard]] virtual const std::vector<CellFault>& faults() const;
};

/// Opening fails with an error that names the file. A null list of fields opens for inference.
struct OpenRequest {
  std::string path;
  const std::vector<SourceField>* fields = nullptr;
  CsvOptions csv{};
  std::string query{};  ///< of sqlite
  BadCells bad_cells = BadCells::Refuse;
  Span span{};
  int threads = 1;
};
[[nodiscard]] Result<std::unique_ptr<TableFile>> openParquet(const OpenRequest& request);
[[nodiscard]] Result<std::unique_ptr<TableFile>> openArrow(const OpenRequest& request);
[[nodiscard]] Result<std::unique_ptr<TableFile>> openCsv(const OpenRequest& request);
[[nodiscard]] Result<std::unique_ptr<TableFile>> openJsonl(const OpenRequest& request);
[[nodiscard]] Result<std::unique_ptr<TableFile>> openSqlite(const OpenRequest& request);

/// What Arrow says, as part of a message: one line, without a full stop.
[[nodiscard]] std::string reasonOf(std::string text);

/// "no column `x`": names the columns there are.
[[nodiscard]] Error missingColumn(const std::string& path, const SourceField& field,
                                  const std::vector<std::string>& there);

}  // namespace cd4ml::data
