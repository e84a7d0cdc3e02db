#include <algorithm>
#include <numeric>

#include "runtime/data/key_index.h"
#include "runtime/data/window.h"

namespace cd4ml::data {

namespace {

constexpr std::int64_t day_us = 86'400'000'000;

/// Rows of each group, by time; rows without a group or a time are in none.
void orderRows(std::span<const std::int32_t> groups, std::size_t count, std::span<const std::int64_t> times,
               std::vector<std::int64_t>& begins, std::vector<std::int32_t>& order, std::vector<std::int64_t>& ordered_times) {
  begins.assign(count + 1, 0);
  for (std::size_t r = 0; r < groups.size(); ++r) {
    if (groups[r] >= 0 && times[r] != WindowOrder::no_time) ++begins[static_cast<std::size_t>(groups[r]) + 1];
  }
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<std::int64_t> next(begins.begin(), begins.end() - 1);
  order.resize(static_cast<std::size_t>(begins.back()));
  for (std::size_t r = 0; r < groups.size(); ++r) {
    if (groups[r] < 0 || times[r] == WindowOrder::no_time) continue;
    order[static_cast<std::size_t>(next[static_cast<std::size_t>(groups[r])]++)] = static_cast<std::int32_t>(r);
  }
  const auto earlier = [&](std::int32_t a, std::int32_t b) { return times[static_cast<std::size_t>(a)] < times[static_cast<std::size_t>(b)]; };
  for (std::size_t g = 0; g < count; ++g) {
    const auto first = order.begin() + begins[g];
    const auto last = order.begin() + begins[g + 1];
    if (!std::is_sorted(first, last, earlier)) std::stable_sort(first, last, earlier);
  }
  ordered_times.resize(order.size());
  for (std::size_t i = 0; i < order.size(); ++i) ordered_times[i] = times[static_cast<std::size_t>(order[i])];
}

}  // namespace

std::vector<std::int64_t> eventTimes(const Column& time) {
  const score::ColumnView view = time.view();
  std::vector<std::int64_t> out(static_cast<std::size_t>(view.rows), WindowOrder::no_time);
  for (std::int64_t r = 0; r < view.rows; ++r) {
    if (!view.isValid(r)) continue;
    const std::int64_t value = view.ints()[r];
    std::int64_t us = value;
    if (view.kind == ir::Kind::Date && __builtin_mul_overflow(value, day_us, &us)) continue;
    out[static_cast<std::size_t>(r)] = us;
  }
  return out;
}

WindowOrder::WindowOrder(const WindowSide& current, const WindowSide& folded)
    : current_rows_(current.time.rows), folded_rows_(folded.time.rows), times_(eventTimes(current.time)) {
  const std::vector<std::int64_t> folded_times = eventTimes(folded.time);
  for (const std::int64_t t : times_) newest_ = std::max(newest_, t);
  for (const std::int64_t t : folded_times) newest_ = std::max(newest_, t);
  const KeyMatches matches(viewsOf(current.keys), current_rows_, viewsOf(folded.keys), folded_rows_);
  orderRows(matches.rightGroups(), matches.groups(), folded_times, folded_begins_, folded_order_, folded_times_);
  orderRows(matches.leftGroups(), matches.groups(), times_, current_begins_, current_order_, current_times_);
}

WindowOrder::Series WindowOrder::series(std::size_t index) const {
  const auto piece = [index](const auto& values, const std::vector<std::int64_t>& begins) {
    return std::span(values).subspan(static_cast<std::size_t>(begins[index]), static_cast<std::size_t>(begins[index + 1] - begins[index]));
  };
  return {piece(current_order_, current_begins_), piece(current_times_, current_begins_), piece(folded_order_, folded_begins_),
          piece(folded_times_, folded_begins_)};
}

}  // namespace cd4ml::data
