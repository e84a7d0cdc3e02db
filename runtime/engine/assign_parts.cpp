#include "runtime/engine/assign_parts.h"

#include <algorithm>

#include "runtime/data/key_index.h"
#include "runtime/engine/row_ids.h"
#include "runtime/engine/run_window.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {

namespace {

using Assignment = std::shared_ptr<std::uint8_t>;

/// Tells the draw of a fold from that of a part.
constexpr std::uint64_t kFoldDraw = 0x666f6c64ULL;

/// What the byte of a training row is: its fold as the split's own result, or its part in the training of one fold.
std::uint8_t foldByte(const ir::Split& split, std::int32_t fold) {
  if (split.folds == 0) return static_cast<std::uint8_t>(ir::Part::Train);
  if (split.fold < 0) return static_cast<std::uint8_t>(kFirstFold + fold);
  return static_cast<std::uint8_t>(fold == split.fold ? ir::Part::Validate : ir::Part::Train);
}

std::uint8_t byteOf(const ir::Split& split, ir::Part part, std::uint64_t place) {
  if (part != ir::Part::Train) return split.fold < 0 ? static_cast<std::uint8_t>(part) : kNoPart;
  const std::uint64_t draw = data::mix(place ^ data::mix(kFoldDraw));
  const auto fold = static_cast<std::int32_t>((static_cast<unsigned __int128>(draw) * static_cast<std::uint64_t>(split.folds)) >> 64U);
  return foldByte(split, fold);
}

/// Parts by a place in 2^64 a row.
Assignment assignByPlace(const ir::Split& split, std::span<const std::uint64_t> places) {
  const std::vector<std::uint64_t> ends = shareEnds(split);
  Assignment out = data::allocateBuffer(places.size());
  for (std::size_t r = 0; r < places.size(); ++r) {
    std::size_t p = 0;
    while (p + 1 < ends.size() && places[r] >= ends[p]) ++p;
    out.get()[r] = byteOf(split, split.shares[p].part, places[r]);
  }
  return out;
}

/// Where the training times are cut into folds + 1 blocks of about equally many rows; equal times fall on one side.
std::vector<std::int64_t> blockStarts(const ir::Split& split, const std::vector<std::int64_t>& sorted, std::int64_t end) {
  const auto rows = std::lower_bound(sorted.begin(), sorted.end(), end) - sorted.begin();
  std::vector<std::int64_t> starts;
  for (std::int64_t b = 1; b <= split.folds; ++b) {
    const auto at = static_cast<std::size_t>(rows * b / (split.folds + 1));
    starts.push_back(at < sorted.size() ? sorted[at] : end);
  }
  return starts;
}

/// Byte of a training row of a split by time: folds expand forward, so the first block has none.
std::uint8_t timeByte(const ir::Split& split, const std::vector<std::int64_t>& starts, std::int64_t at) {
  if (split.folds == 0) return static_cast<std::uint8_t>(ir::Part::Train);
  const auto block = static_cast<std::int32_t>(std::upper_bound(starts.begin(), starts.end(), at) - starts.begin());
  if (split.fold < 0) return block == 0 ? static_cast<std::uint8_t>(ir::Part::Train) : static_cast<std::uint8_t>(kFirstFold + block - 1);
  if (block == split.fold + 1) return static_cast<std::uint8_t>(ir::Part::Validate);
  const std::int64_t start = starts[static_cast<std::size_t>(split.fold)];
  return at < start - split.gap_us ? static_cast<std::uint8_t>(ir::Part::Train) : kNoPart;
}

/// Shares as a split by time counts them: a fold's own training has train and validate where the split has train alone.
ir::Split outerSplit(const ir::Split& split) {
  ir::Split outer = split;
  std::erase_if(outer.shares, [&](const ir::Split::Share& share) { return split.folds > 0 && share.part == ir::Part::Validate; });
  return outer;
}

Assignment assignByTime(const ir::Split& split, const data::Column& time, std::int64_t known_until) {
  const score::ColumnView view = time.view();
  std::vector<std::int64_t> times;
  times.reserve(static_cast<std::size_t>(view.rows));
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (view.isValid(r) && eventTime(view.kind, view.ints()[r]) <= known_until) times.push_back(eventTime(view.kind, view.ints()[r]));
  }
  if (!std::is_sorted(times.begin(), times.end())) std::sort(times.begin(), times.end());
  const ir::Split outer = outerSplit(split);
  const TimeCuts cuts = cutTimes(outer, times);
  const std::vector<std::int64_t> starts = split.folds > 0 ? blockStarts(split, times, cuts.to[0]) : std::vector<std::int64_t>{};
  Assignment out = data::allocateBuffer(static_cast<std::size_t>(view.rows));
  for (std::int64_t r = 0; r < view.rows; ++r) {
    std::uint8_t byte = kNoPart;
    const std::int64_t at = view.isValid(r) ? eventTime(view.kind, view.ints()[r]) : 0;
    for (std::size_t p = 0; p < outer.shares.size() && view.isValid(r); ++p) {
      if (at < cuts.from[p] || at >= cuts.to[p]) continue;
      const ir::Part part = outer.shares[p].part;
      if (part == ir::Part::Train) byte = timeByte(split, starts, at);
      else byte = split.fold < 0 ? static_cast<std::uint8_t>(part) : kNoPart;
    }
    out.get()[r] = byte;
  }
  return out;
}

/// Rows whose label is not known yet are in no part.
Assignment dropUnknown(Assignment parts, const data::Column& time, std::int64_t known_until) {
  if (known_until == INT64_MAX) return parts;
  const std::vector<std::int64_t> times = data::eventTimes(time);
  for (std::size_t r = 0; r < times.size(); ++r) {
    if (times[r] == data::WindowOrder::no_time || times[r] > known_until) parts.get()[r] = kNoPart;
  }
  return parts;
}

}  // namespace

std::vector<std::uint64_t> valueIds(std::span<const data::Column> columns, int threads) {
  CD4ML_CHECK(!columns.empty());
  const data::RowGroups groups = data::groupByKeys(columns, columns[0].rows);
  std::vector<data::Column> firsts;
  for (const data::Column& column : columns) firsts.push_back(data::take(column, groups.first_rows));
  const auto ids = data::rowIds(firsts, static_cast<std::int64_t>(groups.first_rows.size()), threads);
  std::vector<std::uint64_t> out(groups.group_of_row.size());
  for (std::size_t r = 0; r < out.size(); ++r) out[r] = ids[static_cast<std::size_t>(groups.group_of_row[r])];
  return out;
}

Result<std::vector<std::uint64_t>> placesOf(Run& run, const ir::Split& split) {
  std::vector<std::uint64_t> values;
  if (split.by_column != UINT32_MAX) {
    CD4ML_TRY(const std::vector<data::Column> by, fetchColumns(run, split.from, {split.by_column}));
    values = valueIds(by, run.threads());
  }
  std::vector<std::uint64_t> places;
  if (split.method == ir::Split::Method::Group) {
    places = std::move(values);
  } else {
    CD4ML_TRY(const auto ids, rowIdsOf(run, split.from, split.id_columns));
    places.assign(ids.begin(), ids.end());
    for (std::size_t r = 0; r < values.size(); ++r) places[r] ^= data::mix(values[r]);
  }
  for (std::uint64_t& place : places) place = data::rowRandom(place, static_cast<std::uint64_t>(split.seed));
  return places;
}

Result<data::Column> assignParts(Run& run, const ir::Split& split) {
  data::Column assignment;
  assignment.type.kind = ir::Kind::Bool;  // one byte a row
  std::int64_t known_until = INT64_MAX;
  if (split.after_us > 0) {
    CD4ML_TRY(const std::int64_t end, newestTime(run, split.ends));
    known_until = end - split.after_us;
  }
  if (split.method == ir::Split::Method::Time) {
    CD4ML_TRY(const std::vector<data::Column> time, fetchColumns(run, split.from, {split.time_column}));
    assignment.rows = time[0].rows;
    assignment.values = dropUnknown(assignByTime(split, time[0], known_until), time[0], known_until);
  } else {
    CD4ML_TRY(const std::vector<std::uint64_t> places, placesOf(run, split));
    assignment.rows = static_cast<std::int64_t>(places.size());
    Assignment parts = assignByPlace(outerSplit(split), places);
    if (split.after_us > 0) {
      CD4ML_TRY(const std::vector<data::Column> time, fetchColumns(run, split.from, {split.time_column}));
      parts = dropUnknown(std::move(parts), time[0], known_until);
    }
    assignment.values = std::move(parts);
  }
  return data::finishColumn(std::move(assignment));
}

}  // namespace cd4ml::engine
