#include "runtime/data/row_id.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_map>
#include <vector>

#include "base/parallel.h"

namespace cd4ml::data {

namespace {

constexpr std::uint64_t kStart = 0xcd41a11e5ULL;
constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15ULL;
constexpr std::uint64_t kNull = 0x6e756c6c6e756c6cULL;
constexpr std::int64_t kPieceRows = 2048;
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

using Lanes = std::uint64_t __attribute__((vector_size(64)));

/// Adds the mixed values of a column to the sums of its rows. A sum has no order, so neither names nor the order of
/// declarations can reach a row id.
void addMixed(const std::uint64_t* values, std::int64_t rows, std::uint64_t* sums) {
  for (std::int64_t r = 0; r < rows; ++r) sums[r] += mix(values[r] + kSpread);
}

/// The same with products of eight lanes, which older CPUs do not have.
[[gnu::target("arch=x86-64-v4")]] void addMixedWide(const std::uint64_t* values, std::int64_t rows, std::uint64_t* sums) {
  std::int64_t r = 0;
  for (; r + 8 <= rows; r += 8) {
    Lanes x;
    Lanes sum;
    std::memcpy(&x, values + r, sizeof x);
    std::memcpy(&sum, sums + r, sizeof sum);
    x += kSpread;
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9ULL;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebULL;
    sum += x ^ (x >> 31);
    std::memcpy(sums + r, &sum, sizeof sum);
  }
  addMixed(values + r, rows - r, sums + r);
}

/// The 64-bit values of rows [begin, end): in place where they lie in the column like that, else in `piece`.
const std::uint64_t* valuesOf(const score::ColumnView& view, const std::vector<std::uint64_t>& levels, std::int64_t begin,
                              std::int64_t end, std::uint64_t* piece) {
  const auto fill = [&](const auto& value) {
    for (std::int64_t r = begin; r < end; ++r) piece[r - begin] = value(r);
    return piece;
  };
  switch (view.kind) {
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
      if (view.validity == nullptr) return static_cast<const std::uint64_t*>(view.values) + begin;
      return fill([&](std::int64_t r) { return static_cast<std::uint64_t>(view.ints()[r]); });
    case ir::Kind::Float:
      return fill([&](std::int64_t r) { return hashOfFloat(view.floats()[r]); });
    case ir::Kind::Bool:
      return fill([&](std::int64_t r) { return std::uint64_t{view.bools()[r]}; });
    case ir::Kind::Category:
      return fill([&](std::int64_t r) { return levels[static_cast<std::size_t>(view.codes()[r])]; });
    case ir::Kind::Text:
      return fill([&](std::int64_t r) { return hashOfText(view.text(r)); });
    case ir::Kind::Vector:
    case ir::Kind::Null:
    case ir::Kind::Error:
      break;
  }
  CD4ML_UNREACHABLE("an id column holds single values");
}

void foldColumn(const Column& column, const std::vector<std::uint64_t>& levels, std::int64_t begin, std::int64_t end,
                std::uint64_t* sums) {
  const score::ColumnView view = column.view();
  std::uint64_t piece[kPieceRows];
  const std::uint64_t* values = valuesOf(view, levels, begin, end, piece);
  if (view.validity != nullptr) {
    for (std::int64_t r = begin; r < end; ++r) piece[r - begin] = view.isValid(r) ? piece[r - begin] : kNull - kSpread;
  }
  if (__builtin_cpu_supports("x86-64-v4") != 0) return addMixedWide(values, end - begin, sums);
  addMixed(values, end - begin, sums);
}

/// Ids by their high bits, in row order within a part, so that each part's table stays in the cache.
struct Partitions {
  std::array<std::size_t, kPartitions + 1> begins{};
  Scratch<std::uint64_t> ids;
  Scratch<std::uint32_t> rows;
};

Partitions partition(const RowIds& ids) {
  Partitions out{{}, Scratch<std::uint64_t>(ids.size()), Scratch<std::uint32_t>(ids.size())};
  for (const std::uint64_t id : ids) ++out.begins[(id >> 56) + 1];
  for (std::size_t p = 0; p < kPartitions; ++p) out.begins[p + 1] += out.begins[p];
  std::array<std::size_t, kPartitions> next{};
  std::copy_n(out.begins.begin(), kPartitions, next.begin());
  for (std::size_t r = 0; r < ids.size(); ++r) {
    const std::size_t at = next[ids[r] >> 56]++;
    out.ids[at] = ids[r];
    out.rows[at] = static_cast<std::uint32_t>(r);
  }
  return out;
}

/// Adds k to the k-th equal id.
void numberEqualRows(RowIds& ids, int threads) {
  const Partitions parts = partition(ids);
  parallelFor(threads, kPartitions, [&](std::size_t p) {
    const std::span<const std::uint64_t> part(parts.ids.data() + parts.begins[p], parts.begins[p + 1] - parts.begins[p]);
    std::size_t slots = 16;
    while (slots < 2 * part.size()) slots *= 2;
    std::vector<std::uint32_t> first(slots, 0);  ///< place + 1 of the first row of an id
    std::unordered_map<std::uint64_t, std::uint64_t> seen;
    for (std::size_t i = 0; i < part.size(); ++i) {
      const std::uint64_t id = part[i];
      std::size_t s = id & (slots - 1);
      while (first[s] != 0 && part[first[s] - 1] != id) s = (s + 1) & (slots - 1);
      if (first[s] == 0) {
        first[s] = static_cast<std::uint32_t>(i + 1);
      } else {
        ids[parts.rows[parts.begins[p] + i]] = id + ++seen[id];
      }
    }
  });
}

}  // namespace

RowIds rowIds(std::span<const Column> columns, std::int64_t rows, int threads) {
  RowIds ids(static_cast<std::size_t>(rows));
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
    std::uint64_t* sums = ids.data() + begin;
    std::fill(sums, ids.data() + end, kStart);
    for (std::size_t c = 0; c < columns.size(); ++c) foldColumn(columns[c], levels[c], begin, end, sums);
    for (std::int64_t r = begin; r < end; ++r) ids[static_cast<std::size_t>(r)] = mix(ids[static_cast<std::size_t>(r)]);
  });
  numberEqualRows(ids, threads);
  return ids;
}

}  // namespace cd4ml::data
