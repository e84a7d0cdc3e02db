/// Puts Arrow arrays, which come in pieces and in any order, together into one column of a declared type.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/data/column.h"

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace cd4ml::data {

/// A field of a source: what its file must hold.
struct SourceField {
  std::string name;
  ir::Type type;
  Span span{};  ///< where it is declared
};

/// The first value of a piece that breaks a rule.
struct ValueFault {
  enum class Rule : std::uint8_t {
    Null,
    Unreadable,
    UnknownLevel,
    OutOfRange,
    OtherKind,
    NeverComes
  } rule = Rule::Null;
  std::int64_t row = 0;  ///< in the piece
  std::string value;     ///< as it stands in the file, empty for null; OtherKind: with its kind
};

/// What becomes of a cell that its field refuses: the first one fails the source, or each is null and listed. Fields
/// that are read with Null are nullable.
enum class BadCells : std::uint8_t { Refuse, Null };

/// Whether a field of `type` may be filled from an Arrow column of type `from`.
[[nodiscard]] bool canFill(const ir::Type& type, const arrow::DataType& from);

class Assembler {
 public:
  Assembler(SourceField field, std::int64_t rows, BadCells bad = BadCells::Refuse);

  /// Converts a piece whose first row is row `offset` of the column. Pieces may be added from several threads.
  /// Gives what the field refuses: with BadCells::Refuse the first one only.
  [[nodiscard]] std::vector<ValueFault> add(const std::shared_ptr<arrow::Array>& piece, std::int64_t offset);
  /// The column, once all rows are there.
  [[nodiscard]] Column finish(int threads);

 private:
  struct Piece {
    std::int64_t offset = 0;
    std::shared_ptr<arrow::Array> array;
    std::vector<std::string> levels;    ///< category: of the codes in this piece
    std::vector<std::int64_t> refused;  ///< rows of the piece
  };
  [[nodiscard]] std::vector<ValueFault> addNumbers(const arrow::Array& piece, std::int64_t offset);
  [[nodiscard]] std::vector<ValueFault> addOneByOne(const arrow::Array& piece,
                                                    const std::shared_ptr<arrow::DataType>& to, std::int64_t offset);
  [[nodiscard]] std::optional<ValueFault> addCategory(const arrow::Array& piece, std::int64_t offset, Piece& out);
  [[nodiscard]] std::optional<ValueFault> closeLevels(const std::vector<std::string>& levels,
                                                      const std::vector<std::int32_t>& first_rows, std::int64_t rows,
                                                      std::int32_t* codes) const;
  void finishValidity();
  void finishText();
  void finishCategory(int threads);

  SourceField field_;
  BadCells bad_;
  std::shared_ptr<std::uint8_t> values_;
  Column column_;
  std::mutex mutex_;
  std::vector<Piece> pieces_;
};

}  // namespace cd4ml::data
