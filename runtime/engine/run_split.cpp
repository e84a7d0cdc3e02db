#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "runtime/data/value_text.h"
#include "runtime/engine/assign_parts.h"
#include "runtime/engine/split_rows.h"

namespace cd4ml::engine {

namespace {

/// {"part":"train","rows":n,"from":…,"to":…} of one part; the times where there is a time column.
nlohmann::ordered_json describePart(ir::Part part, const features::RowSet& rows, const data::Column* time) {
  nlohmann::ordered_json out{{"part", ir::partText(part)}, {"rows", rows.size()}};
  if (time == nullptr || rows.size() == 0) return out;
  const score::ColumnView view = time->view();
  std::int64_t first = INT64_MAX;
  std::int64_t last = INT64_MIN;
  const bool range = rows.indices.empty();
  for (std::int64_t i = 0; i < rows.size(); ++i) {
    const std::int64_t at = view.ints()[range ? rows.begin + i : rows.indices[static_cast<std::size_t>(i)]];
    first = std::min(first, at);
    last = std::max(last, at);
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
  CD4ML_TRY(const data::Column assignment, assignParts(run, split));
  data::Column time;
  if (by_time) {
    CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, split.from, {split.time_column}));
    time = std::move(columns[0]);
  }
  nlohmann::ordered_json value{{"rows", assignment.rows}, {"parts", nlohmann::ordered_json::array()}};
  const std::vector<features::RowSet> parts = partRows(split, assignment);
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const std::string_view part = ir::partText(split.shares[p].part);
    // The training of one fold has no business with test rows.
    if (split.fold >= 0 && split.shares[p].part == ir::Part::Test) continue;
    if (parts[p].size() == 0) {
      return makeError(
          "CD5019", fmt::format("part `{}` of split `{}` holds none of the {} rows", part, node.name, assignment.rows),
          node.name_span);
    }
    value["parts"].push_back(describePart(split.shares[p].part, parts[p], by_time ? &time : nullptr));
  }
  for (std::int32_t k = 0; split.fold < 0 && k < split.folds; ++k) {
    const features::RowSet fold = foldRows(assignment, k);
    if (fold.size() == 0) {
      return makeError("CD5019", fmt::format("fold {} of {} of split `{}` holds none of the {} rows", k + 1, split.folds, node.name,
                                             assignment.rows), node.name_span);
    }
    value["folds"].push_back({{"fold", k + 1}, {"rows", fold.size()}});
  }
  CD4ML_TRY(SlotContent content, keepColumn(run, assignment, {watch.seconds(), false}));
  content.value = value.dump();
  return std::vector<SlotContent>(slots.size(), content);
}

}  // namespace cd4ml::engine
