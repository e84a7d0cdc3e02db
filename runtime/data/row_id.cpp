#include "runtime/data/row_id.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/data/parallel.h"

namespace cd4ml::data {

namespace {

constexpr std::uint64_t kStart = 0xcd41a11e5ULL;
constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kNull = 0x6e756c6c6e756c6cULL;
constexpr std::int64_t kPieceRows = 16384;
constexpr std::size_t kPartitions = 256;

std::uint64_t hashOfText(std::string_view text) {
  const Digest digest = Hasher("cd4ml NF1 text").text(text).finish();
  std::uint64_t h = 0;
  std::memcpy(&h, digest.bytes.data(), sizeof h);
  return h;
}

std::uint64_t hashOfFloat(double value) {
  if (value != value) return 0x7ff8000000000000ULL;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Adds one column to the sums of rows [begin, end); `value(row)` is its 64-bit value. A sum has no order, so neither
/// names nor the order of declarations can reach a row id.
template <class ValueOf>
void fold(const score::ColumnView& view, std::int64_t begin, std::int64_t end, std::uint64_t* ids,
          const ValueOf& value) {
  if (view.validity == nullptr) {
    for (std::int64_t r = begin; r < end; ++r) ids[r] += mix(value(r) + kSpread);
    return;
  }
  for (std::int64_t r = begin; r < end; ++r) ids[r] += mix(view.isValid(r) ? value(r) + kSpread : kNull);
}

void foldColumn(const Column& column, const std::vector<std::uint64_t>& levels, std::int64_t begin, std::int64_t end,
                std::uint64_t* ids) {
  const score::ColumnView view = column.view();
  switch (view.kind) {
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      return fold(view, begin, end, ids, [&](std::int64_t r) { return static_cast<std::uint64_t>(view.ints()[r]); });
    case ir::Kind::Float:
      return fold(view, begin, end, ids, [&](std::int64_t r) { return hashOfFloat(view.floats()[r]); });
    case ir::Kind::Bool:
      return fold(view, begin, end, ids, [&](std::int64_t r) { return std::uint64_t{view.bools()[r]}; });
    case ir::Kind::Category:
      return fold(view, begin, end, ids,
                  [&](std::int64_t r) { return levels[static_cast<std::size_t>(view.codes()[r])]; });
    case ir::Kind::Text:
      return fold(view, begin, end, ids, [&](std::int64_t r) { return hashOfText(view.text(r)); });
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      CD4ML_UNREACHABLE("an id column holds single values");
  }
}

/// Adds k to the k-th equal id. Partitions by the high bits keep each table in the cache.
void numberEqualRows(std::vector<std::uint64_t>& ids, int threads) {
  std::array<std::size_t, kPartitions + 1> begins{};
  for (const std::uint64_t id : ids) ++begins[(id >> 56) + 1];
  for (std::size_t p = 0; p < kPartitions; ++p) begins[p + 1] += begins[p];
  std::vector<std::uint32_t> rows(ids.size());
  std::array<std::size_t, kPartitions> next{};
  std::copy_n(begins.begin(), kPartitions, next.begin());
  for (std::size_t r = 0; r < ids.size(); ++r) rows[next[ids[r] >> 56]++] = static_cast<std::uint32_t>(r);
  parallelFor(threads, kPartitions, [&](std::size_t p) {
    const std::size_t count = begins[p + 1] - begins[p];
    std::size_t slots = 16;
    while (slots < 2 * count) slots *= 2;
    std::vector<std::uint64_t> keys(slots);
    std::vector<std::uint32_t> seen(slots, 0);
    for (std::size_t i = begins[p]; i < begins[p + 1]; ++i) {
      const std::uint64_t id = ids[rows[i]];
      std::size_t s = id & (slots - 1);
      while (seen[s] != 0 && keys[s] != id) s = (s + 1) & (slots - 1);
      keys[s] = id;
      ids[rows[i]] = id + seen[s]++;
    }
  });
}

}  // namespace

std::vector<std::uint64_t> rowIds(std::span<const Column> columns, std::int64_t rows, int threads) {
  std::vector<std::uint64_t> ids(static_cast<std::size_t>(rows), kStart);
  std::vector<std::vector<std::uint64_t>> levels(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    CD4ML_CHECK(columns[c].rows == rows);
    if (columns[c].type.kind != ir::Kind::Category) continue;
    for (const std::string& level : *columns[c].levels) levels[c].push_back(hashOfText(level));
    if (levels[c].empty()) levels[c].push_back(0);
  }
  const auto pieces = static_cast<std::size_t>((rows + kPieceRows - 1) / kPieceRows);
  parallelFor(threads, pieces, [&](std::size_t p) {
    const std::int64_t begin = static_cast<std::int64_t>(p) * kPieceRows;
    const std::int64_t end = std::min(rows, begin + kPieceRows);
    for (std::size_t c = 0; c < columns.size(); ++c) foldColumn(columns[c], levels[c], begin, end, ids.data());
    for (std::int64_t r = begin; r < end; ++r) ids[static_cast<std::size_t>(r)] = mix(ids[static_cast<std::size_t>(r)]);
  });
  numberEqualRows(ids, threads);
  return ids;
}

}  // namespace cd4ml::data
