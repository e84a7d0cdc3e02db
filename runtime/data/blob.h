/// Columns as blobs of the CAS: written from the buffers, read as mapped memory without a copy.
///
/// A blob is named by the column's content id, which does not hold nullability, units or the name of a type: whoever
/// reads it says which type it wants. What a blob's header says never decides about memory beyond the blob.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/data/column.h"
#include "runtime/store/cas.h"

namespace cd4ml::data {

/// The pieces of a blob, in order; `owned` holds what is not in the column itself.
struct EncodedColumn {
  std::vector<std::vector<std::uint8_t>> owned;
  std::vector<std::span<const std::uint8_t>> pieces;
};
[[nodiscard]] EncodedColumn encodeColumn(const Column& column);

/// The column in a blob, as `type`. An error if the bytes are no column or do not fit the type.
[[nodiscard]] Result<Column> decodeColumn(std::shared_ptr<const store::Blob> blob, const ir::Type& type);
/// The same for bytes that `owner` keeps alive; they begin 64-byte aligned.
[[nodiscard]] Result<Column> decodeColumn(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
                                          const ir::Type& type);

}  // namespace cd4ml::data
