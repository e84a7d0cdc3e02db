#include "runtime/data/keep_rows.h"

#include <cmath>
#include <cstring>

#include "runtime/data/key_index.h"
#include "runtime/data/row_id.h"

namespace cd4ml::data {

namespace {

/// Tells the draw of a sample from those of parts and folds.
constexpr std::uint64_t kSampleDraw = 0x73616d706c65ULL;

/// Null and NaN are neither first nor last.
bool hasPlace(const score::ColumnView& by, std::int64_t row) {
  return by.isValid(row) && (by.kind != ir::Kind::Float || !std::isnan(by.floats()[row]));
}

/// Negative: row a is rather kept than row b; zero: they tie.
int preference(const score::ColumnView& by, Keep keep, std::int64_t a, std::int64_t b) {
  const bool place_a = hasPlace(by, a);
  const bool place_b = hasPlace(by, b);
  const int order = compareValues(by, a, b);
  return keep == Keep::First || !place_a || !place_b ? order : -order;
}

std::uint64_t floatBits(double value) {
  if (std::isnan(value)) return 0x7ff8000000000000ULL;
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

bool sameStripes(const Column& column, std::int64_t a, std::int64_t b) {
  const auto* values = reinterpret_cast<const double*>(column.values.get());
  for (std::int64_t k = 0; k < column.type.width; ++k) {
    if (floatBits(values[k * column.stride + a]) != floatBits(values[k * column.stride + b])) return false;
  }
  return true;
}

/// Equal as content: 0.0 and -0.0 are not.
bool sameValue(const Column& column, const score::ColumnView& view, std::int64_t a, std::int64_t b) {
  if (!view.isValid(a) || !view.isValid(b)) return view.isValid(a) == view.isValid(b);
  switch (view.kind) {
    case ir::Kind::Float:
      return floatBits(view.floats()[a]) == floatBits(view.floats()[b]);
    case ir::Kind::Vector:
      return sameStripes(column, a, b);
    case ir::Kind::Null:
      return true;
    case ir::Kind::Int:
    case ir::Kind::Date:
    case ir::Kind::Timestamp:
    case ir::Kind::Duration:
    case ir::Kind::Bool:
    case ir::Kind::Category:
    case ir::Kind::Text:
    case ir::Kind::Error:
      break;
  }
  return compareValues(view, a, b) == 0;
}

}  // namespace

DedupedRows dedupeRows(std::span<const Column> keys, const Column& by, Keep keep, std::span<const Column> compared, std::int64_t rows) {
  const RowGroups groups = numberKeys(keys, rows);
  const score::ColumnView order = by.view();
  std::vector<std::int32_t> best(groups.first_rows.size(), -1);
  for (std::int64_t r = 0; r < rows; ++r) {
    std::int32_t& kept = best[static_cast<std::size_t>(groups.group_of_row[static_cast<std::size_t>(r)])];
    if (kept < 0 || preference(order, keep, r, kept) < 0) kept = static_cast<std::int32_t>(r);
  }
  DedupedRows out;
  const std::vector<score::ColumnView> views = viewsOf(compared);
  for (std::int64_t r = 0; r < rows; ++r) {
    const std::int32_t kept = best[static_cast<std::size_t>(groups.group_of_row[static_cast<std::size_t>(r)])];
    const auto row = static_cast<std::int32_t>(r);
    if (kept == row) out.rows.push_back(row);
    if (kept == row || preference(order, keep, r, kept) != 0) continue;
    for (std::size_t c = 0; c < compared.size(); ++c) {
      if (sameValue(compared[c], views[c], r, kept)) continue;
      out.tie = TiedRows{.row = kept, .other = row, .column = c};
      return out;
    }
  }
  return out;
}

std::vector<std::int32_t> sampleRows(std::span<const Column> ids, std::int64_t rows, double share, std::uint64_t seed, int threads) {
  const RowIds row_ids = rowIds(ids, rows, threads);
  const double end = std::ldexp(share, 64);
  const bool all = end >= std::ldexp(1.0, 64);
  const std::uint64_t below = all ? UINT64_MAX : static_cast<std::uint64_t>(end);
  std::vector<std::int32_t> kept;
  for (std::size_t r = 0; r < row_ids.size(); ++r) {
    const std::uint64_t draw = mix(rowRandom(row_ids[r], seed) ^ mix(kSampleDraw));
    if (all || draw < below) kept.push_back(static_cast<std::int32_t>(r));
  }
  return kept;
}

}  // namespace cd4ml::data
