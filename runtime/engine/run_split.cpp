#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/data/row_id.h"
#include "runtime/data/value_text.h"
#include "runtime/engine/row_ids.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {

namespace {

using Assignment = std::shared_ptr<std::uint8_t>;

/// Parts by event time.
Assignment assignByTime(const ir::Split& split, const data::Column& time) {
  const score::ColumnView view = time.view();
  std::vector<std::int64_t> times;
  times.reserve(static_cast<std::size_t>(view.rows));
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (view.isValid(r)) times.push_back(eventTime(view.kind, view.ints()[r]));
  }
  const TimeCuts cuts = cutTimes(split, std::move(times));
  Assignment out = data::allocateBuffer(static_cast<std::size_t>(view.rows));
  for (std::int64_t r = 0; r < view.rows; ++r) {
    std::uint8_t part = kNoPart;
    const std::int64_t at = eventTime(view.kind, view.ints()[r]);
    for (std::size_t p = 0; p < split.shares.size() && view.isValid(r); ++p) {
      if (at >= cuts.from[p] && at < cuts.to[p]) part = static_cast<std::uint8_t>(split.shares[p].part);
    }
    out.get()[r] = part;
  }
  return out;
}

/// Parts by hash of seed and row id.
Assignment assignByRandom(const ir::Split& split, const std::vector<std::uint64_t>& ids) {
  const std::vector<std::uint64_t> ends = shareEnds(split);
  Assignment out = data::allocateBuffer(ids.size());
  for (std::size_t r = 0; r < ids.size(); ++r) {
    const std::uint64_t place = data::rowRandom(ids[r], static_cast<std::uint64_t>(split.seed));
    std::size_t p = 0;
    while (p + 1 < ends.size() && place >= ends[p]) ++p;
    out.get()[r] = static_cast<std::uint8_t>(split.shares[p].part);
  }
  return out;
}

/// {"part":"train","rows":n,"from":…,"to":…} of one part; the times where there is a time column.
nlohmann::ordered_json describePart(ir::Part part, const features::RowSet& rows, const data::Column* time) {
  nlohmann::ordered_json out{{"part", ir::partText(part)}, {"rows", rows.size()}};
  if (time == nullptr || rows.size() == 0) return out;
  const score::ColumnView view = time->view();
  std::int64_t first = INT64_MAX;
  std::int64_t last = INT64_MIN;
  for (const std::int32_t r : rowNumbers(rows)) {
    first = std::min(first, view.ints()[r]);
    last = std::max(last, view.ints()[r]);
  }
  const auto text = [&](std::int64_t value) {
    return view.kind == ir::Kind::Date ? data::dateText(value) : data::timestampText(value);
  };
  out["from"] = text(first);
  out["to"] = text(last);
  return out;
}

}  // namespace

Result<std::vector<SlotContent>> runSplit(Run& run, ir::NodeId id, const Slots& slots) {
  const ir::Node& node = run.node(id);
  const auto& split = std::get<ir::Split>(node.body);
  const bool by_time = split.method == ir::Split::Method::Time;
  const Stopwatch watch;
  data::Column assignment;
  data::Column time;
  assignment.type.kind = ir::Kind::Bool;  // one byte a row, the number of the part
  if (by_time) {
    CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, split.from, {split.time_column}));
    time = std::move(columns[0]);
    assignment.rows = time.rows;
    assignment.values = assignByTime(split, time);
  } else {
    CD4ML_TRY(const std::vector<std::uint64_t> ids, rowIdsOf(run, split.from, split.id_columns));
    assignment.rows = static_cast<std::int64_t>(ids.size());
    assignment.values = assignByRandom(split, ids);
  }
  assignment = data::finishColumn(std::move(assignment));
  nlohmann::ordered_json value{{"rows", assignment.rows}, {"parts", nlohmann::ordered_json::array()}};
  const std::vector<features::RowSet> parts = partRows(split, assignment);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const std::string_view part = ir::partText(split.shares[p].part);
    if (parts[p].size() == 0) {
      return makeError(
          "CD5019", fmt::format("part `{}` of split `{}` holds none of the {} rows", part, node.name, assignment.rows),
          node.name_span);
    }
    value["parts"].push_back(describePart(split.shares[p].part, parts[p], by_time ? &time : nullptr));
  }
  CD4ML_TRY(SlotContent content, keepColumn(run, assignment, {watch.seconds(), false}));
  content.value = value.dump();
  return std::vector<SlotContent>(slots.size(), content);
}

}  // namespace cd4ml::engine
