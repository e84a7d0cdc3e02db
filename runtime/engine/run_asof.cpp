#include "runtime/engine/run_asof.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/data/asof.h"
#include "runtime/data/key_index.h"
#include "runtime/data/value_text.h"

namespace cd4ml::engine {

namespace {

Error undecided(const Run& run, const ir::AsOfOp& op, const AsOfLeft& left, std::uint32_t column, std::int32_t row, std::size_t count) {
  const ir::Node& right = run.node(op.right);
  std::vector<std::string> names;
  for (const std::uint32_t key : op.right_keys) names.push_back(right.columns[key].name);
  Error error = makeError("CD5023",
                          fmt::format("as of {}, `{}` has {} rows with {} that are equally late, and `{}` differs in them", data::valueText(left.time, row),
                                      right.name, count, data::keyText(left.keys, names, row), right.columns[column].name),
                          op.span);
  error.help.emplace_back("add what tells them apart to the keys, or keep one of them in a table before");
  return error;
}

}  // namespace

Result<std::vector<data::Column>> runAsOf(Run& run, const ir::AsOfOp& op, const AsOfLeft& left, const std::vector<std::size_t>& wanted) {
  Slots slots = op.right_keys;
  slots.push_back(op.right_time);
  if (op.right_available != ir::no_slot) slots.push_back(op.right_available);
  CD4ML_TRY(std::vector<data::Column> right, fetchColumns(run, op.right, slots));
  data::AsOfRequest request{.left_keys = left.keys, .right_keys = {}, .left_time = left.time, .right_time = {}, .right_available = {}, .known_after = op.known_after,
                            .strictly_before = op.strictly_before, .within_us = op.within_us, .ahead_us = op.ahead_us, .threads = run.threads()};
  if (op.right_available != ir::no_slot) {
    request.right_available = std::move(right.back());
    right.pop_back();
  }
  request.right_time = std::move(right.back());
  right.pop_back();
  request.right_keys = std::move(right);
  const data::AsOfMatches matches = data::matchAsOf(request);
  slots.clear();
  for (const std::size_t c : wanted) slots.push_back(op.right_columns[c]);
  CD4ML_TRY(std::vector<data::Column> columns, fetchColumns(run, op.right, slots));
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const std::int32_t row = data::firstUndecided(matches, columns[c]);
    if (row >= 0) {
      const auto tie = std::find_if(matches.ties.begin(), matches.ties.end(), [&](const auto& each) { return each.left == row; });
      return undecided(run, op, left, slots[c], row, tie->rows.size());
    }
    columns[c] = data::take(columns[c], matches.rows);
    columns[c].type.nullable = true;
  }
  return columns;
}

}  // namespace cd4ml::engine
