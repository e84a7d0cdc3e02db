#include "runtime/data/column.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include <arrow/util/bit_util.h>
#include <arrow/util/bitmap_ops.h>

namespace cd4ml::data {

namespace {

bool bitAt(const std::uint8_t* bits, std::int64_t i) { return ((bits[i >> 3] >> (i & 7)) & 1) != 0; }

/// Which codes occur in rows that are not null.
std::vector<std::uint8_t> usedCodes(const Column& column) {
  std::vector<std::uint8_t> used(column.levels->size(), 0);
  const auto* codes = reinterpret_cast<const std::int32_t*>(column.values.get());
  const std::uint8_t* valid = column.validity.get();
  for (std::int64_t i = 0; i < column.rows; ++i) {
    if (valid == nullptr || bitAt(valid, i)) used[static_cast<std::size_t>(codes[i])] = 1;
  }
  return used;
}

bool isCanonical(const std::vector<std::string>& levels, const std::vector<std::uint8_t>& used) {
  if (std::find(used.begin(), used.end(), 0) != used.end()) return false;
  return std::adjacent_find(levels.begin(), levels.end(), std::greater_equal<>()) == levels.end();
}

/// Levels that occur, sorted by bytes and each once, and the new code of each old one.
void makeCanonical(Column& column, const std::vector<std::uint8_t>& used) {
  const std::vector<std::string>& old = *column.levels;
  std::vector<std::int32_t> order;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (used[i] != 0) order.push_back(static_cast<std::int32_t>(i));
  }
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return old[static_cast<std::size_t>(a)] < old[static_cast<std::size_t>(b)];
  });
  auto levels = std::make_shared<std::vector<std::string>>();
  std::vector<std::int32_t> recode(old.size(), 0);
  for (const std::int32_t code : order) {
    const std::string& text = old[static_cast<std::size_t>(code)];
    if (levels->empty() || levels->back() != text) levels->push_back(text);
    recode[static_cast<std::size_t>(code)] = static_cast<std::int32_t>(levels->size() - 1);
  }
  const auto* from = reinterpret_cast<const std::int32_t*>(column.values.get());
  auto buffer = allocateBuffer(static_cast<std::size_t>(column.rows) * sizeof(std::int32_t));
  auto* to = reinterpret_cast<std::int32_t*>(buffer.get());
  const std::uint8_t* valid = column.validity.get();
  for (std::int64_t i = 0; i < column.rows; ++i) {
    to[i] = valid == nullptr || bitAt(valid, i) ? recode[static_cast<std::size_t>(from[i])] : 0;
  }
  column.values = std::move(buffer);
  column.readable = readableRows(column.type.kind, column.rows);
  column.levels = std::move(levels);
}

/// Bits [begin, begin + count) moved to bit 0; null when all are set.
std::shared_ptr<const std::uint8_t> sliceValidity(const std::uint8_t* bits, std::int64_t begin, std::int64_t count) {
  if (arrow::internal::CountSetBits(bits, begin, count) == count) return nullptr;
  auto out = allocateValidity(count);
  arrow::internal::CopyBitmap(bits, begin, count, out.get(), 0);
  return out;
}

Column sliceText(const Column& column, std::int64_t begin, std::int64_t count, Column out) {
  const auto* offsets = reinterpret_cast<const std::int64_t*>(column.offsets.get());
  auto buffer = allocateBuffer(static_cast<std::size_t>(count + 1) * sizeof(std::int64_t));
  std::memcpy(buffer.get(), offsets + begin, static_cast<std::size_t>(count + 1) * sizeof(std::int64_t));
  out.offsets = std::move(buffer);
  out.values = column.values;
  return out;
}

Column takeText(const Column& column, std::span<const std::int32_t> indices, Column out) {
  const score::ColumnView view = column.view();
  auto offsets = allocateBuffer((indices.size() + 1) * sizeof(std::int64_t));
  auto* o = reinterpret_cast<std::int64_t*>(offsets.get());
  o[0] = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    o[i + 1] = o[i] + (indices[i] < 0 ? 0 : static_cast<std::int64_t>(view.text(indices[i]).size()));
  }
  auto bytes = allocateBuffer(static_cast<std::size_t>(o[indices.size()]));
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] < 0) continue;
    const std::string_view text = view.text(indices[i]);
    if (!text.empty()) std::memcpy(bytes.get() + o[i], text.data(), text.size());
  }
  out.offsets = std::move(offsets);
  out.values = std::move(bytes);
  return out;
}

template <class T>
void gather(const std::uint8_t* from, std::uint8_t* to, std::span<const std::int32_t> indices) {
  const auto* source = reinterpret_cast<const T*>(from);
  auto* target = reinterpret_cast<T*>(to);
  for (std::size_t i = 0; i < indices.size(); ++i) target[i] = indices[i] < 0 ? T{} : source[indices[i]];
}

void gatherValues(std::size_t width, const std::uint8_t* from, std::uint8_t* to,
                  std::span<const std::int32_t> indices) {
  if (width == 8) return gather<std::int64_t>(from, to, indices);
  if (width == 4) return gather<std::int32_t>(from, to, indices);
  gather<std::uint8_t>(from, to, indices);
}

std::shared_ptr<const std::uint8_t> takeValidity(const std::uint8_t* bits, std::span<const std::int32_t> indices) {
  std::shared_ptr<std::uint8_t> out;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    if (indices[i] >= 0 && (bits == nullptr || bitAt(bits, indices[i]))) continue;
    if (out == nullptr) out = allocateValidity(static_cast<std::int64_t>(indices.size()));
    out.get()[i >> 3] &= static_cast<std::uint8_t>(~(1U << (i & 7)));
  }
  return out;
}

std::int64_t stripeOf(std::int64_t rows) { return (rows + 7) / 8 * 8; }

}  // namespace

std::size_t valueBytes(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int:
    case ir::Kind::Float:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
    case ir::Kind::Vector:
      return 8;
    case ir::Kind::Category:
      return 4;
    case ir::Kind::Bool:
      return 1;
    case ir::Kind::Text:
    case ir::Kind::Null:
    case ir::Kind::Error:
      return 0;
  }
  CD4ML_UNREACHABLE("kind");
}

std::int64_t readableRows(ir::Kind kind, std::int64_t rows) {
  const std::size_t width = valueBytes(kind);
  return width == 0 ? rows : rows + static_cast<std::int64_t>(buffer_slack / width);
}

score::ColumnView Column::view() const {
  return {.kind = type.kind,
          .rows = rows,
          .values = values.get(),
          .offsets = reinterpret_cast<const std::int64_t*>(offsets.get()),
          .validity = validity.get(),
          .dictionary = dictionary_.get()};
}

Column withDictionary(Column column) {
  if (column.type.kind != ir::Kind::Category) return column;
  CD4ML_CHECK(column.levels != nullptr);
  auto dictionary = std::make_shared<score::Dictionary>();
  dictionary->levels.assign(column.levels->begin(), column.levels->end());
  column.dictionary_ = std::move(dictionary);
  return column;
}

Column finishColumn(Column column) {
  if (column.type.kind == ir::Kind::Category && column.type.levels == nullptr) {
    CD4ML_CHECK(column.levels != nullptr);
    const std::vector<std::uint8_t> used = usedCodes(column);
    if (!isCanonical(*column.levels, used)) makeCanonical(column, used);
  }
  if (column.type.kind == ir::Kind::Category && column.type.levels != nullptr && column.levels == nullptr) {
    column.levels = column.type.levels;
  }
  return withDictionary(std::move(column));
}

std::int64_t countNulls(const Column& column) {
  if (column.validity == nullptr) return 0;
  const std::uint8_t* bits = column.validity.get();
  std::int64_t there = 0;
  const std::int64_t words = column.rows / 64;
  for (std::int64_t w = 0; w < words; ++w) {
    std::uint64_t word = 0;
    std::memcpy(&word, bits + w * 8, 8);
    there += std::popcount(word);
  }
  for (std::int64_t i = words * 64; i < column.rows; ++i) there += bitAt(bits, i) ? 1 : 0;
  return column.rows - there;
}

std::uint64_t columnBytes(const Column& column) {
  const auto rows = static_cast<std::uint64_t>(column.rows);
  std::uint64_t bytes = column.validity == nullptr ? 0 : (rows + 7) / 8;
  if (column.type.kind == ir::Kind::Text) {
    const auto* offsets = reinterpret_cast<const std::int64_t*>(column.offsets.get());
    return bytes + (rows + 1) * 8 + static_cast<std::uint64_t>(offsets[column.rows] - offsets[0]);
  }
  if (column.type.kind == ir::Kind::Vector)
    return bytes + static_cast<std::uint64_t>(column.stride) * column.type.width * 8;
  if (column.levels != nullptr) {
    for (const std::string& level : *column.levels) bytes += level.size();
  }
  return bytes + rows * valueBytes(column.type.kind);
}

Column slice(const Column& column, std::int64_t begin, std::int64_t count) {
  CD4ML_CHECK(begin >= 0 && count >= 0 && begin + count <= column.rows);
  if (begin == 0 && count == column.rows) return column;
  Column out;
  out.type = column.type;
  out.rows = count;
  out.levels = column.levels;
  out.keep_alive = column.keep_alive;
  if (column.validity != nullptr) out.validity = sliceValidity(column.validity.get(), begin, count);
  if (column.type.kind == ir::Kind::Text) return sliceText(column, begin, count, std::move(out));
  const std::size_t width = valueBytes(column.type.kind);
  const std::size_t skip = static_cast<std::size_t>(begin) * width;
  out.stride = column.stride;
  const std::int64_t readable = std::max(column.readable, (column.rows + 7) / 8 * 8);
  if (begin + (count + 7) / 8 * 8 <= readable) {
    out.values = {column.values, column.values.get() + skip};
    out.readable = readable - begin;
    return finishColumn(std::move(out));
  }
  const std::int64_t stripes = column.type.kind == ir::Kind::Vector ? column.type.width : 1;
  out.stride = column.type.kind == ir::Kind::Vector ? stripeOf(count) : 0;
  const std::int64_t step = stripes > 1 ? out.stride : count;
  out.readable = readableRows(column.type.kind, count);
  auto buffer = allocateBuffer(static_cast<std::size_t>(step * stripes) * width);
  for (std::int64_t k = 0; k < stripes; ++k) {
    std::memcpy(buffer.get() + static_cast<std::size_t>(k * step) * width,
                column.values.get() + static_cast<std::size_t>(k * column.stride) * width + skip,
                static_cast<std::size_t>(count) * width);
  }
  out.values = std::move(buffer);
  return finishColumn(std::move(out));
}

Column take(const Column& column, std::span<const std::int32_t> indices) {
  const auto rows = static_cast<std::int64_t>(indices.size());
  Column out;
  out.type = column.type;
  out.rows = rows;
  out.levels = column.levels;
  out.validity = takeValidity(column.validity.get(), indices);
  if (column.type.kind == ir::Kind::Text) return takeText(column, indices, std::move(out));
  const std::size_t width = valueBytes(column.type.kind);
  const bool vector = column.type.kind == ir::Kind::Vector;
  const std::int64_t stripes = vector ? column.type.width : 1;
  out.stride = vector ? stripeOf(rows) : 0;
  const std::int64_t step = vector ? out.stride : rows;
  out.readable = readableRows(column.type.kind, rows);
  auto buffer = allocateBuffer(static_cast<std::size_t>(step * stripes) * width);
  for (std::int64_t k = 0; k < stripes; ++k) {
    gatherValues(width, column.values.get() + static_cast<std::size_t>(k * column.stride) * width,
                 buffer.get() + static_cast<std::size_t>(k * step) * width, indices);
  }
  out.values = std::move(buffer);
  return finishColumn(std::move(out));
}

}  // namespace cd4ml::data
