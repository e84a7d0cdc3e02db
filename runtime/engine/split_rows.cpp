#include "runtime/engine/split_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cd4ml::engine {

namespace {

constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

std::int64_t rowsOfShare(double fraction, std::size_t rows) {
  return std::llround(fraction * static_cast<double>(rows));
}

/// Time at place `at` of the sorted times; beyond the last: never reached.
std::int64_t timeAt(const std::vector<std::int64_t>& times, std::int64_t at) {
  if (at >= static_cast<std::int64_t>(times.size())) return kEver;
  return times[static_cast<std::size_t>(std::max<std::int64_t>(at, 0))];
}

}  // namespace

std::int64_t eventTime(ir::Kind kind, std::int64_t value) {
  return kind == ir::Kind::Date ? value * 86'400'000'000 : value;
}

TimeCuts cutTimes(const ir::Split& split, std::vector<std::int64_t> times) {
  if (!std::is_sorted(times.begin(), times.end())) std::sort(times.begin(), times.end());
  const std::size_t parts = split.shares.size();
  TimeCuts cuts{std::vector<std::int64_t>(parts, kNever), std::vector<std::int64_t>(parts, kEver)};
  const auto rows = static_cast<std::int64_t>(times.size());
  // From the newest part backwards, as far as sizes are given …
  std::int64_t end_time = times.empty() ? 0 : times.back() + 1;
  double fractions = 0;
  std::int64_t end_row = rows;
  std::size_t first_known = parts;
  for (std::size_t p = parts; p-- > 1 && !split.shares[p].rest; first_known = p) {
    if (split.shares[p].duration_us > 0) {
      end_time -= split.shares[p].duration_us;
      end_row = std::lower_bound(times.begin(), times.end(), end_time) - times.begin();
      fractions = 0;
      cuts.from[p] = end_time;
    } else {
      fractions += split.shares[p].fraction;
      cuts.from[p] = timeAt(times, end_row - rowsOfShare(fractions, times.size()));
      end_time = cuts.from[p] == kEver ? end_time : cuts.from[p];
    }
  }
  // … then from the oldest forwards, up to the part that takes the rest.
  double before = 0;
  for (std::size_t p = 1; p < first_known; ++p) {
    before += split.shares[p - 1].fraction;
    cuts.from[p] = timeAt(times, rowsOfShare(before, times.size()));
  }
  for (std::size_t p = 0; p + 1 < parts; ++p)
    cuts.to[p] = cuts.from[p + 1] - (cuts.from[p + 1] == kEver ? 0 : split.gap_us);
  return cuts;
}

std::vector<std::uint64_t> shareEnds(const ir::Split& split) {
  double known = 0;
  for (const ir::Split::Share& share : split.shares) known += share.rest ? 0 : share.fraction;
  std::vector<std::uint64_t> ends;
  double sum = 0;
  for (const ir::Split::Share& share : split.shares) {
    sum += share.rest ? 1.0 - known : share.fraction;
    const double scaled = std::ldexp(sum, 64);
    ends.push_back(scaled >= std::ldexp(1.0, 64) ? UINT64_MAX : static_cast<std::uint64_t>(scaled));
  }
  if (!ends.empty()) ends.back() = UINT64_MAX;
  return ends;
}

namespace {

template <class Wanted>
features::RowSet rowsWhere(const data::Column& assignment, Wanted wanted) {
  const std::uint8_t* parts = assignment.values.get();
  const std::int64_t rows = assignment.rows;
  features::RowSet out;
  std::int64_t first = 0;
  while (first < rows && !wanted(parts[first])) ++first;
  std::int64_t end = first;
  while (end < rows && wanted(parts[end])) ++end;
  out.begin = first == rows ? 0 : first;
  out.count = end - first;
  if (std::none_of(parts + end, parts + rows, wanted)) return out;
  for (std::int64_t r = first; r < rows; ++r) {
    if (wanted(parts[r])) out.indices.push_back(static_cast<std::int32_t>(r));
  }
  out.begin = 0;
  out.count = static_cast<std::int64_t>(out.indices.size());
  return out;
}

}  // namespace

features::RowSet rowsOf(const data::Column& assignment, std::uint8_t part) {
  const bool train = part == static_cast<std::uint8_t>(ir::Part::Train);
  return rowsWhere(assignment, [=](std::uint8_t byte) { return byte == part || (train && byte >= kFirstFold && byte != kNoPart); });
}

features::RowSet foldRows(const data::Column& assignment, std::int32_t fold) {
  return rowsWhere(assignment, [byte = static_cast<std::uint8_t>(kFirstFold + fold)](std::uint8_t each) { return each == byte; });
}

features::RowSet allFoldRows(const data::Column& assignment) {
  return rowsWhere(assignment, [](std::uint8_t byte) { return byte >= kFirstFold && byte != kNoPart; });
}

std::vector<features::RowSet> partRows(const ir::Split& split, const data::Column& assignment) {
  std::vector<features::RowSet> out;
  for (const ir::Split::Share& share : split.shares)
    out.push_back(rowsOf(assignment, static_cast<std::uint8_t>(share.part)));
  return out;
}

std::vector<std::int32_t> rowNumbers(const features::RowSet& rows) {
  if (!rows.indices.empty()) return rows.indices;
  std::vector<std::int32_t> out(static_cast<std::size_t>(rows.count));
  std::iota(out.begin(), out.end(), static_cast<std::int32_t>(rows.begin));
  return out;
}

}  // namespace cd4ml::engine
