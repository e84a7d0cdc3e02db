#include <algorithm>

#include <fmt/format.h>

#include "runtime/score/graph_run.h"
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

std::optional<RowError> GraphRun::explain(const lanes::Loop& loop, const lanes::Arguments& arguments,
                                          const std::vector<ir::ValueId>& values) const {
  const LoopInterpreter interpreter(loop.program);
  for (std::int64_t group = 0; group * 8 < rows(); ++group) {
    const std::vector<std::int64_t> lanes = interpreter.trace(arguments, group);
    for (int row = 0; row < 8 && group * 8 + row < rows(); ++row) {
      for (ir::ValueId id : values) {
        const lanes::Lane failed = loop.values.at(id.index).failed;
        if (failed == lanes::no_lane || lanes[failed * 8 + static_cast<std::size_t>(row)] == 0) continue;
        for (ir::ValueId arg = failedArgument(graph_, loop, id, lanes, row); arg.valid();
             arg = failedArgument(graph_, loop, id, lanes, row)) {
          id = arg;
        }
        return RowError{group * 8 + row, id, messageOf(graph_[id].name)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace cd4ml::score
