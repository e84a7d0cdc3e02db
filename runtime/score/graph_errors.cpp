#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "runtime/score/graph_run.h"
#include "runtime/score/host_texts.h"
#include "runtime/score/interpret_loop.h"

namespace cd4ml::score {
namespace {

std::string messageOf(std::string_view kernel) {
  if (kernel == "floordiv_ii" || kernel == "mod_ii") return "integer division by zero";
  if (kernel == "f_to_i") return "the number does not fit an int";
  if (kernel == "date_to_timestamp_i") return "the date is beyond the range of timestamps";
  if (kernel == "make_date_iii") return "there is no such day";
  return "integer overflow";
}

/// Of a failed value the argument that failed, where the error came from one; invalid: it is the value's own.
ir::ValueId failedArgument(const ir::Graph& graph, const lanes::Loop& loop, ir::ValueId id, const std::vector<std::int64_t>& lanes,
                           int row) {
  const auto holds = [&](lanes::Lane lane) { return lane != lanes::no_lane && lanes[lane * 8 + static_cast<std::size_t>(row)] != 0; };
  const ir::Value& value = graph[id];
  if (value.name.starts_with("select_") && value.args.size() == 3) {
    const auto condition = loop.values.find(value.args[0].index);
    if (condition != loop.values.end() && holds(condition->second.failed)) return value.args[0];
    const lanes::Lowered& c = condition->second;
    const bool yes = holds(c.lanes[0]) && (c.there == lanes::no_lane || holds(c.there));
    return value.args[yes ? 1 : 2];
  }
  for (const ir::ValueId arg : value.args) {
    const auto at = loop.values.find(arg.index);
    if (at != loop.values.end() && holds(at->second.failed)) return arg;
  }
  return {};
}

}  // namespace

RowError GraphRun::told(const FailedRow& failed) const { return {failed.row, failed.value, messageOf(graph_[failed.value].name)}; }

std::optional<FailedRow> GraphRun::failureAt(const lanes::Loop& loop, const std::vector<std::int64_t>& lanes, ir::ValueId id,
                                             std::int64_t group, int row) const {
  const lanes::Lane failed = loop.values.at(id.index).failed;
  if (failed == lanes::no_lane || lanes[failed * 8 + static_cast<std::size_t>(row)] == 0) return std::nullopt;
  while (true) {
    const FailedRows* kept = failuresOf(id);
    if (kept != nullptr) return *std::ranges::lower_bound(*kept, group * 8 + row, {}, &FailedRow::row);
    const ir::ValueId arg = failedArgument(graph_, loop, id, lanes, row);
    if (!arg.valid()) return FailedRow{group * 8 + row, id};
    id = arg;
  }
}

std::optional<RowError> GraphRun::explain(const lanes::Loop& loop, const lanes::Arguments& arguments,
                                          const std::vector<ir::ValueId>& values) const {
  const LoopInterpreter interpreter(loop.program);
  for (std::int64_t group = 0; group * 8 < rows(); ++group) {
    const std::vector<std::int64_t> lanes = interpreter.trace(arguments, group);
    for (int row = 0; row < 8 && group * 8 + row < rows(); ++row) {
      for (const ir::ValueId id : values) {
        if (const std::optional<FailedRow> failed = failureAt(loop, lanes, id, group, row)) return told(*failed);
      }
    }
  }
  return std::nullopt;
}

std::map<std::uint32_t, FailedRows> GraphRun::explainAll(const lanes::Loop& loop, const lanes::Arguments& arguments,
                                                        const std::vector<ir::ValueId>& values) const {
  const LoopInterpreter interpreter(loop.program);
  std::map<std::uint32_t, FailedRows> failures;
  for (std::int64_t group = 0; group * 8 < rows(); ++group) {
    const std::vector<std::int64_t> lanes = interpreter.trace(arguments, group);
    for (int row = 0; row < 8 && group * 8 + row < rows(); ++row) {
      for (const ir::ValueId id : values) {
        const std::optional<FailedRow> failed = failureAt(loop, lanes, id, group, row);
        if (failed) failures[id.index].push_back(*failed);
      }
    }
  }
  return failures;
}

const FailedRows* GraphRun::failuresOf(ir::ValueId value) const {
  const auto column = columns_.find(rowsOf(value).index);
  return column == columns_.end() ? nullptr : column->second.failures.get();
}

void GraphRun::keepFailures(ir::ValueId value, FailedRows failures) {
  if (failures.empty()) return;
  Held& held = columns_.at(value.index);
  held.failed = allocateBits();
  std::memset(held.failed.get(), 0, static_cast<std::size_t>(rows() + 7) / 8);
  for (const auto& [row, failed] : failures) held.failed.get()[row >> 3] |= static_cast<std::uint8_t>(1U << (row & 7));
  held.failures = std::make_shared<const FailedRows>(std::move(failures));
}

FailedRows GraphRun::hostFailures(ir::ValueId id) {
  const ir::Value& value = graph_[id];
  const bool selects = value.name == "select_btt";
  const bool coalesces = value.name == "coalesce_tt";
  FailedRows out;
  for (std::size_t a = 0; a < value.args.size(); ++a) {
    const FailedRows* failures = failuresOf(value.args[a]);
    if (failures == nullptr) continue;
    std::string_view text;
    for (const auto& [row, failed] : *failures) {
      const bool other_branch = selects && a > 0 && flagAt(*this, value.args[0], row) != (a == 1);
      const bool not_asked = coalesces && a > 0 && TextArguments(*this, {&value.args[0], 1}).read(row, {&text, 1});
      if (!other_branch && !not_asked) out.push_back({row, failed});
    }
  }
  std::ranges::stable_sort(out, {}, &FailedRow::row);
  const auto same = std::ranges::unique(out, {}, &FailedRow::row);
  out.erase(same.begin(), same.end());
  return out;
}

}  // namespace cd4ml::score
