/// Owning columns in the engine, and their content ids.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/type.h"
#include "runtime/score/column_view.h"

namespace cd4ml::data {

/// A buffer of at least `size` bytes, 64-byte aligned and padded to whole 64-byte blocks; large ones on huge pages.
std::shared_ptr<std::uint8_t> allocateBuffer(std::size_t size);

/// An immutable column. Cheap to copy: buffers are shared. `view()` is what kernels read.
/// A Vector column holds `width` float64 stripes of `stride` rows each in `values`.
class Column {
 public:
  ir::Type type;
  std::int64_t rows = 0;
  std::shared_ptr<const std::uint8_t> values;
  std::shared_ptr<const std::uint8_t> offsets;    ///< text: int64
  std::shared_ptr<const std::uint8_t> validity;   ///< null: all rows are there
  std::shared_ptr<const std::vector<std::string>> levels;  ///< category
  std::int64_t stride = 0;                        ///< Vector
  std::vector<std::shared_ptr<const void>> keep_alive;     ///< what the buffers point into (an Arrow array, a CAS blob)

  [[nodiscard]] score::ColumnView view() const;

 private:
  std::shared_ptr<const score::Dictionary> dictionary_;
  friend Column finishColumn(Column column);
};

/// Makes the dictionary view; every producer of a Column ends with it. For an open category it also makes the
/// dictionary canonical: only values that occur, sorted by bytes.
[[nodiscard]] Column finishColumn(Column column);

/// Content id: type, logical values, validity. Not chunking, dictionary layout, bytes under nulls; NaN is canonical,
/// -0.0 and 0.0 differ. The encoding is docs/design/nf1.md §Columns.
[[nodiscard]] Digest contentId(const Column& column);

/// Rows [begin, begin + count) without a copy where alignment allows, else copied.
[[nodiscard]] Column slice(const Column& column, std::int64_t begin, std::int64_t count);
/// The rows at `indices`; -1 gives null.
[[nodiscard]] Column take(const Column& column, const std::vector<std::int32_t>& indices);

/// Blob form for the CAS and back (memory-mapped, no copy).
[[nodiscard]] std::vector<std::uint8_t> encodeHeader(const Column& column);

}  // namespace cd4ml::data
