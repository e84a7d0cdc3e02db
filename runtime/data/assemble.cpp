#include "runtime/data/assemble.h"

#include <arrow/array.h>
#include <arrow/compute/cast.h>
#include <arrow/datum.h>
#include <arrow/type.h>
#include <arrow/util/bitmap_ops.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <unordered_map>

#include "base/parallel.h"
#include "runtime/data/arrow_text.h"
#include "runtime/data/arrow_type.h"

namespace cd4ml::data {

namespace {

using Rule = ValueFault::Rule;

bool isInteger(arrow::Type::type id) { return id >= arrow::Type::UINT8 && id <= arrow::Type::INT64; }
bool isReal(arrow::Type::type id) {
  return id == arrow::Type::HALF_FLOAT || id == arrow::Type::FLOAT || id == arrow::Type::DOUBLE ||
         id == arrow::Type::DECIMAL32 || id == arrow::Type::DECIMAL64 || id == arrow::Type::DECIMAL128 ||
         id == arrow::Type::DECIMAL256;
}

/// Nanoseconds as whole microseconds, rounded down on both sides of 1970, so that times keep their order and their day.
void floorNanoseconds(const std::int64_t* from, std::int64_t rows, std::int64_t* to) {
  for (std::int64_t i = 0; i < rows; ++i) to[i] = from[i] / 1000 - (from[i] % 1000 < 0 ? 1 : 0);
}

void widenDates(const arrow::Array& dates, std::int64_t* to) {
  const auto& days = static_cast<const arrow::Date32Array&>(dates);
  for (std::int64_t i = 0; i < days.length(); ++i) to[i] = days.Value(i);
}

}  // namespace

bool canFill(const ir::Type& type, const arrow::DataType& from) {
  const arrow::Type::type id = from.id();
  if (id == arrow::Type::NA) return type.nullable;
  switch (type.kind) {
    case ir::Kind::Int:
      return isInteger(id);
    case ir::Kind::Float:
      return isInteger(id) || isReal(id);
    case ir::Kind::Bool:
      return id == arrow::Type::BOOL;
    case ir::Kind::Date:
      return id == arrow::Type::DATE32 || id == arrow::Type::DATE64;
    case ir::Kind::Timestamp:
      return id == arrow::Type::TIMESTAMP;
    case ir::Kind::Duration:
      return id == arrow::Type::DURATION;
    case ir::Kind::Text:
    case ir::Kind::Category:
      return isText(id) || (id == arrow::Type::DICTIONARY &&
                            isText(static_cast<const arrow::DictionaryType&>(from).value_type()->id()));
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      return false;
  }
  CD4ML_UNREACHABLE("kind");
}

Assembler::Assembler(SourceField field, std::int64_t rows, BadCells bad) : field_(std::move(field)), bad_(bad) {
  column_.type = field_.type;
  column_.rows = rows;
  column_.readable = readableRows(field_.type.kind, rows);
  if (field_.type.kind == ir::Kind::Text) return;
  values_ = allocateBuffer(static_cast<std::size_t>(rows) * valueBytes(field_.type.kind));
}

std::vector<ValueFault> Assembler::add(const std::shared_ptr<arrow::Array>& piece, std::int64_t offset) {
  if (piece->length() == 0) return {};
  if (!field_.type.nullable && piece->null_count() > 0) {
    std::int64_t row = 0;
    while (piece->IsValid(row)) ++row;
    return {ValueFault{Rule::Null, row, ""}};
  }
  Piece kept{offset, piece, {}, {}};
  std::vector<ValueFault> faults;
  if (piece->type_id() == arrow::Type::NA) {
    if (field_.type.kind != ir::Kind::Text) {
      const std::size_t width = valueBytes(field_.type.kind);
      std::memset(values_.get() + static_cast<std::size_t>(offset) * width, 0,
                  static_cast<std::size_t>(piece->length()) * width);
    }
  } else if (field_.type.kind == ir::Kind::Category) {
    if (auto fault = addCategory(*piece, offset, kept)) faults.push_back(std::move(*fault));
  } else if (field_.type.kind != ir::Kind::Text) {
    faults = addNumbers(*piece, offset);
  }
  for (const ValueFault& fault : faults) kept.refused.push_back(fault.row);
  const std::scoped_lock lock(mutex_);
  pieces_.push_back(std::move(kept));
  return faults;
}

/// Value by value, for a piece that holds some that its field refuses.
std::vector<ValueFault> Assembler::addOneByOne(const arrow::Array& piece, const std::shared_ptr<arrow::DataType>& to,
                                               std::int64_t offset) {
  std::vector<ValueFault> faults;
  for (std::int64_t i = 0; i < piece.length(); ++i) {
    const auto one = piece.Slice(i, 1);
    if (const auto cast = arrow::compute::Cast(*one, to); cast.ok()) {
      CD4ML_CHECK(addNumbers(**cast, offset + i).empty());
      continue;
    }
    faults.push_back({Rule::OutOfRange, i, valueText(piece, i)});
    if (bad_ == BadCells::Refuse) return faults;
    const std::size_t width = valueBytes(field_.type.kind);
    std::memset(values_.get() + static_cast<std::size_t>(offset + i) * width, 0, width);
  }
  return faults;
}

std::vector<ValueFault> Assembler::addNumbers(const arrow::Array& piece, std::int64_t offset) {
  const std::int64_t rows = piece.length();
  auto* to = reinterpret_cast<std::int64_t*>(values_.get()) + offset;
  if (field_.type.kind == ir::Kind::Float && piece.type_id() == arrow::Type::INT64) {
    const std::int64_t* from = static_cast<const arrow::Int64Array&>(piece).raw_values();
    auto* floats = reinterpret_cast<double*>(to);
    for (std::int64_t i = 0; i < rows; ++i) floats[i] = static_cast<double>(from[i]);
    return {};
  }
  const auto physical = arrowType(field_.type.kind);
  std::shared_ptr<arrow::Array> cast = arrow::MakeArray(piece.data());
  if (piece.type_id() == arrow::Type::TIMESTAMP) {
    // Zones name how an instant is shown, not the instant.
    const auto unit = static_cast<const arrow::TimestampType&>(*piece.type()).unit();
    if (unit == arrow::TimeUnit::NANO) {
      floorNanoseconds(static_cast<const arrow::TimestampArray&>(piece).raw_values(), rows, to);
      return {};
    }
    auto plain = piece.data()->Copy();
    plain->type = arrow::timestamp(unit, "UTC");
    cast = arrow::MakeArray(plain);
  }
  if (!cast->type()->Equals(physical)) {
    arrow::compute::CastOptions how = arrow::compute::CastOptions::Safe();
    how.allow_time_truncate = true;  // of a duration, finer than µs is cut
    how.allow_decimal_truncate = true;
    how.allow_float_truncate = field_.type.kind == ir::Kind::Float;
    how.allow_int_overflow = false;
    const auto done = field_.type.kind == ir::Kind::Float && isInteger(piece.type_id())
                          ? arrow::compute::Cast(*cast, physical, arrow::compute::CastOptions::Unsafe())
                          : arrow::compute::Cast(*cast, physical, how);
    if (!done.ok()) return addOneByOne(*cast, physical, offset);
    cast = *done;
  }
  if (field_.type.kind == ir::Kind::Bool) {
    const auto& bits = static_cast<const arrow::BooleanArray&>(*cast);
    for (std::int64_t i = 0; i < rows; ++i) values_.get()[offset + i] = bits.Value(i) ? 1 : 0;
  } else if (field_.type.kind == ir::Kind::Date) {
    widenDates(*cast, to);
  } else {
    const auto& data = *cast->data();
    std::memcpy(to, data.buffers[1]->data() + data.offset * 8, static_cast<std::size_t>(rows) * 8);
  }
  return {};
}

std::optional<ValueFault> Assembler::closeLevels(const std::vector<std::string>& levels,
                                                 const std::vector<std::int32_t>& first_rows, std::int64_t rows,
                                                 std::int32_t* codes) const {
  const std::vector<std::string>& closed = *field_.type.levels;
  std::vector<std::int32_t> recode(levels.size(), 0);
  std::optional<ValueFault> fault;
  for (std::size_t l = 0; l < levels.size(); ++l) {
    const auto at = std::find(closed.begin(), closed.end(), levels[l]);
    if (at != closed.end()) {
      recode[l] = static_cast<std::int32_t>(at - closed.begin());
    } else if (first_rows[l] >= 0 && (!fault || first_rows[l] < fault->row)) {
      fault = ValueFault{Rule::UnknownLevel, first_rows[l], levels[l]};
    }
  }
  if (fault) return fault;
  for (std::int64_t i = 0; i < rows; ++i) codes[i] = recode[static_cast<std::size_t>(codes[i])];
  return std::nullopt;
}

std::optional<ValueFault> Assembler::addCategory(const arrow::Array& piece, std::int64_t offset, Piece& out) {
  auto* codes = reinterpret_cast<std::int32_t*>(values_.get()) + offset;
  std::vector<std::int32_t> first_rows;
  encodeTexts(piece, codes, out.levels, first_rows);
  out.array = piece.null_count() > 0 ? out.array : nullptr;
  if (field_.type.levels == nullptr) return std::nullopt;  // finishColumn drops levels that no row holds
  return closeLevels(out.levels, first_rows, piece.length(), codes);
}

void Assembler::finishValidity() {
  std::shared_ptr<std::uint8_t> bits;
  for (const Piece& piece : pieces_) {
    if (!piece.refused.empty() && bits == nullptr) bits = allocateValidity(column_.rows);
    if (piece.array == nullptr || piece.array->null_count() == 0) continue;
    if (bits == nullptr) bits = allocateValidity(column_.rows);
    const arrow::Array& array = *piece.array;
    if (array.type_id() == arrow::Type::NA) {
      for (std::int64_t i = piece.offset; i < piece.offset + array.length(); ++i) {
        bits.get()[i >> 3] &= static_cast<std::uint8_t>(~(1U << (i & 7)));
      }
      continue;
    }
    arrow::internal::CopyBitmap(array.null_bitmap_data(), array.offset(), array.length(), bits.get(), piece.offset);
  }
  for (const Piece& piece : pieces_) {
    for (const std::int64_t row : piece.refused) {
      const std::int64_t at = piece.offset + row;
      bits.get()[at >> 3] &= static_cast<std::uint8_t>(~(1U << (at & 7)));
    }
  }
  column_.validity = std::move(bits);
}

void Assembler::finishText() {
  auto offsets = allocateBuffer(static_cast<std::size_t>(column_.rows + 1) * sizeof(std::int64_t));
  auto* o = reinterpret_cast<std::int64_t*>(offsets.get());
  std::int64_t total = 0;
  for (const Piece& piece : pieces_) {
    const TextReader texts(*piece.array);
    for (std::int64_t i = 0; i < piece.array->length(); ++i) {
      o[piece.offset + i] = total;
      if (piece.array->IsValid(i)) total += static_cast<std::int64_t>(texts[i].size());
    }
  }
  o[column_.rows] = total;
  values_ = allocateBuffer(static_cast<std::size_t>(total));
  for (const Piece& piece : pieces_) {
    const TextReader texts(*piece.array);
    for (std::int64_t i = 0; i < piece.array->length(); ++i) {
      if (piece.array->IsNull(i) || texts[i].empty()) continue;
      std::memcpy(values_.get() + o[piece.offset + i], texts[i].data(), texts[i].size());
    }
  }
  column_.offsets = std::move(offsets);
}

void Assembler::finishCategory(int threads) {
  if (field_.type.levels != nullptr) {
    column_.levels = field_.type.levels;
    return;
  }
  auto levels = std::make_shared<std::vector<std::string>>();
  for (const Piece& piece : pieces_) levels->insert(levels->end(), piece.levels.begin(), piece.levels.end());
  std::sort(levels->begin(), levels->end());
  levels->erase(std::unique(levels->begin(), levels->end()), levels->end());
  parallelFor(threads, pieces_.size(), [&](std::size_t p) {
    const Piece& piece = pieces_[p];
    std::vector<std::int32_t> recode;
    for (const std::string& level : piece.levels) {
      const auto at = std::lower_bound(levels->begin(), levels->end(), level);
      recode.push_back(static_cast<std::int32_t>(at - levels->begin()));
    }
    const std::int64_t end = p + 1 < pieces_.size() ? pieces_[p + 1].offset : column_.rows;
    auto* codes = reinterpret_cast<std::int32_t*>(values_.get());
    if (recode.empty()) recode.push_back(0);
    for (std::int64_t i = piece.offset; i < end; ++i) codes[i] = recode[static_cast<std::size_t>(codes[i])];
  });
  column_.levels = std::move(levels);
}

Column Assembler::finish(int threads) {
  std::sort(pieces_.begin(), pieces_.end(), [](const Piece& a, const Piece& b) { return a.offset < b.offset; });
  finishValidity();
  if (field_.type.kind == ir::Kind::Text) finishText();
  if (field_.type.kind == ir::Kind::Category) finishCategory(threads);
  pieces_.clear();
  column_.values = std::move(values_);
  return finishColumn(std::move(column_));
}

}  // namespace cd4ml::data
