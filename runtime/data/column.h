/// Owning columns in the engine, and their content ids.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/type.h"
#include "runtime/score/column_view.h"

namespace cd4ml::data {

/// A buffer of at least `size` bytes, 64-byte aligned, padded to whole 64-byte blocks and one more. Large ones lie on
/// huge pages and come from `columnMemory()`, so what they hold is unspecified but for the padding, which is zero.
std::shared_ptr<std::uint8_t> allocateBuffer(std::size_t size);
/// Bytes that may be read behind what was asked for.
constexpr std::size_t buffer_slack = 64;

/// An immutable column. Cheap to copy: buffers are shared. `view()` is what kernels read: whole groups of eight rows, so
/// up to seven rows behind the last may be read; what they hold is unspecified, codes among them are in bounds.
/// A Vector column holds `width` float64 stripes of `stride` rows each in `values`.
class Column {
 public:
  ir::Type type;
  std::int64_t rows = 0;
  std::shared_ptr<const std::uint8_t> values;
  std::shared_ptr<const std::uint8_t> offsets;             ///< text: int64
  std::shared_ptr<const std::uint8_t> validity;            ///< null: all rows are there
  std::shared_ptr<const std::vector<std::string>> levels;  ///< category
  std::int64_t stride = 0;                                 ///< Vector
  std::int64_t readable = 0;                               ///< rows that may be read of `values`; 0: whole groups of eight
  std::vector<std::shared_ptr<const void>> keep_alive;     ///< what the buffers point into (an Arrow array, a CAS blob)

  [[nodiscard]] score::ColumnView view() const;

 private:
  std::shared_ptr<const score::Dictionary> dictionary_;
  friend Column finishColumn(Column column);
  friend Column withDictionary(Column column);
};

/// Makes the dictionary view only: for a column whose levels are canonical by construction.
[[nodiscard]] Column withDictionary(Column column);

/// Makes the dictionary view; every producer of a Column ends with it. For an open category it also makes the
/// dictionary canonical: only values that occur, sorted by bytes.
[[nodiscard]] Column finishColumn(Column column);

/// Bytes a row takes in `values` (a Vector: in one stripe); 0 for text.
[[nodiscard]] std::size_t valueBytes(ir::Kind kind);
/// Rows that may be read of a buffer that was allocated for `rows` of them.
[[nodiscard]] std::int64_t readableRows(ir::Kind kind, std::int64_t rows);
/// A bitmap of `rows` bits, all set, padded like every buffer.
[[nodiscard]] std::shared_ptr<std::uint8_t> allocateValidity(std::int64_t rows);
/// How many rows are null.
[[nodiscard]] std::int64_t countNulls(const Column& column);
/// Bytes of all buffers.
[[nodiscard]] std::uint64_t columnBytes(const Column& column);

/// Content id: type, logical values, validity. Not nullability, units, chunking, dictionary layout, bytes under nulls;
/// NaN is canonical, -0.0 and 0.0 differ. The same for every count of threads. The encoding is
/// docs/design/nf1-columns.md. Open categories must be canonical (finishColumn).
[[nodiscard]] Digest contentId(const Column& column, int threads = 1);

/// Rows [begin, begin + count): of the same buffer where whole groups of eight can be read there, else copied.
[[nodiscard]] Column slice(const Column& column, std::int64_t begin, std::int64_t count);
/// The rows at `indices`; -1 gives null.
[[nodiscard]] Column take(const Column& column, std::span<const std::int32_t> indices);
[[nodiscard]] inline Column take(const Column& column, const std::vector<std::int32_t>& indices) {
  return take(column, std::span<const std::int32_t>(indices));
}

}  // namespace cd4ml::data
