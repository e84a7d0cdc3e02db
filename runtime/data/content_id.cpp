// The encoding is docs/design/nf1-columns.md; its test vectors are in content_id_test.cpp.
#include <bit>
#include <cstring>

#include "runtime/data/column.h"
#include "base/parallel.h"

namespace cd4ml::data {

namespace {

/// Rows a block: fixed by the encoding, so that threads and chunks cannot show.
constexpr std::int64_t kBlockRows = 65536;
constexpr std::int64_t kPieceRows = 4096;
constexpr std::uint64_t kCanonicalNan = 0x7ff8000000000000ULL;
constexpr std::uint64_t kInfinity = 0x7ff0000000000000ULL;

std::uint8_t kindCode(ir::Kind kind) {
  switch (kind) {
    case ir::Kind::Int:
      return 1;
    case ir::Kind::Float:
      return 2;
    case ir::Kind::Bool:
      return 3;
    case ir::Kind::Text:
      return 4;
    case ir::Kind::Category:
      return 5;
    case ir::Kind::Date:
      return 6;
    case ir::Kind::Timestamp:
      return 7;
    case ir::Kind::Duration:
      return 8;
    case ir::Kind::Vector:
      return 9;
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  CD4ML_UNREACHABLE("a column has a kind");
}

std::uint64_t canonicalFloat(std::uint64_t bits) {
  return (bits & ~(std::uint64_t{1} << 63)) > kInfinity ? kCanonicalNan : bits;
}

/// NaNs are rare, and most of them are the canonical one; this only asks whether one must look closer.
bool holdsNan(const double* values, std::int64_t rows) {
  std::int64_t seen = 0;
  for (std::int64_t i = 0; i < rows; ++i) seen |= values[i] != values[i] ? 1 : 0;
  return seen != 0;
}

/// Hashes values of one width; `fix(value)` makes them canonical, `absent` stands for null.
template <class T, class Fix>
void hashFixed(Hasher& hasher, const T* values, const score::ColumnView& view, std::int64_t begin, std::int64_t end,
               T absent, const Fix& fix) {
  T piece[kPieceRows];
  for (std::int64_t from = begin; from < end; from += kPieceRows) {
    const std::int64_t to = std::min(end, from + kPieceRows);
    for (std::int64_t i = from; i < to; ++i) piece[i - from] = fix(values[i]);
    if (view.validity != nullptr) {
      for (std::int64_t i = from; i < to; ++i) piece[i - from] = view.isValid(i) ? piece[i - from] : absent;
    }
    hasher.bytes(piece, static_cast<std::size_t>(to - from) * sizeof(T));
  }
}

template <class T>
void hashPlain(Hasher& hasher, const T* values, const score::ColumnView& view, std::int64_t begin, std::int64_t end,
               T absent) {
  if (view.validity == nullptr) {
    hasher.bytes(values + begin, static_cast<std::size_t>(end - begin) * sizeof(T));
    return;
  }
  hashFixed(hasher, values, view, begin, end, absent, [](T v) { return v; });
}

void hashFloats(Hasher& hasher, const void* values, const score::ColumnView& view, std::int64_t begin,
                std::int64_t end) {
  const auto* bits = static_cast<const std::uint64_t*>(values);
  if (!holdsNan(static_cast<const double*>(values) + begin, end - begin)) {
    return hashPlain(hasher, bits, view, begin, end, std::uint64_t{0});
  }
  hashFixed(hasher, bits, view, begin, end, std::uint64_t{0}, canonicalFloat);
}

void hashText(Hasher& hasher, const score::ColumnView& view, std::int64_t begin, std::int64_t end) {
  for (std::int64_t i = begin; i < end; ++i) hasher.u64(view.isValid(i) ? view.text(i).size() : 0);
  if (view.validity == nullptr) {
    const auto* bytes = static_cast<const std::uint8_t*>(view.values);
    hasher.bytes(bytes + view.offsets[begin], static_cast<std::size_t>(view.offsets[end] - view.offsets[begin]));
    return;
  }
  for (std::int64_t i = begin; i < end; ++i) {
    if (view.isValid(i)) hasher.text(view.text(i));
  }
}

/// Bits from the block's first row on, which begins a byte; those behind the last row are zero.
void hashValidity(Hasher& hasher, const score::ColumnView& view, std::int64_t begin, std::int64_t end) {
  const std::int64_t whole = (end - begin) / 8;
  hasher.bytes(view.validity + begin / 8, static_cast<std::size_t>(whole));
  if (const auto rest = static_cast<unsigned>((end - begin) % 8); rest != 0) {
    hasher.u8(static_cast<std::uint8_t>(view.validity[begin / 8 + whole] & ((1U << rest) - 1)));
  }
}

Digest hashBlock(const Column& column, const score::ColumnView& view, std::int64_t begin) {
  const std::int64_t end = std::min(view.rows, begin + kBlockRows);
  Hasher hasher("cd4ml NF1 block");
  switch (view.kind) {
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      hashPlain<std::int64_t>(hasher, view.ints(), view, begin, end, 0);
      break;
    case ir::Kind::Float:
      hashFloats(hasher, view.values, view, begin, end);
      break;
    case ir::Kind::Bool:
      hashPlain<std::uint8_t>(hasher, view.bools(), view, begin, end, 0);
      break;
    case ir::Kind::Category:
      hashPlain<std::int32_t>(hasher, view.codes(), view, begin, end, -1);
      break;
    case ir::Kind::Text:
      hashText(hasher, view, begin, end);
      break;
    case ir::Kind::Vector:
      for (std::uint32_t k = 0; k < column.type.width; ++k) {
        hashFloats(hasher, view.floats() + k * column.stride, view, begin, end);
      }
      break;
    case ir::Kind::Null:
    case ir::Kind::Error:
      CD4ML_UNREACHABLE("a column has a kind");
  }
  if (view.validity != nullptr) hashValidity(hasher, view, begin, end);
  return hasher.finish();
}

}  // namespace

Digest contentId(const Column& column, int threads) {
  static_assert(std::endian::native == std::endian::little, "columns are hashed as little-endian bytes");
  score::ColumnView view = column.view();
  if (countNulls(column) == 0) view.validity = nullptr;
  const std::int64_t blocks = (view.rows + kBlockRows - 1) / kBlockRows;
  std::vector<Digest> digests(static_cast<std::size_t>(blocks));
  parallelFor(threads, digests.size(),
              [&](std::size_t b) { digests[b] = hashBlock(column, view, static_cast<std::int64_t>(b) * kBlockRows); });
  const bool closed = view.kind == ir::Kind::Category && column.type.levels != nullptr;
  Hasher root("cd4ml NF1 column");
  root.u8(kindCode(view.kind));
  root.u8(static_cast<std::uint8_t>((closed ? 1 : 0) | (view.validity != nullptr ? 2 : 0)));
  root.u64(static_cast<std::uint64_t>(view.rows));
  root.u64(view.kind == ir::Kind::Vector ? column.type.width : 0);
  if (view.kind == ir::Kind::Category) {
    root.u64(column.levels->size());
    for (const std::string& level : *column.levels) root.string(level);
  }
  for (const Digest& d : digests) root.digest(d);
  return root.finish();
}

}  // namespace cd4ml::data
