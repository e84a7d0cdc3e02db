#include "runtime/data/asof.h"

#include <algorithm>
#include <numeric>

#include "base/parallel.h"
#include "runtime/data/key_index.h"
#include "runtime/data/series_fold.h"
#include "runtime/data/window.h"

namespace cd4ml::data {

namespace {

constexpr std::int64_t no_time = WindowOrder::no_time;

std::int64_t minusClamped(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_sub_overflow(a, b, &out) ? INT64_MIN + 1 : out;
}

/// The right rows by key, from the oldest to the latest, with the moment from which each is known.
class RightSeries {
 public:
  RightSeries(const AsOfRequest& request, const KeyMatches& keys)
      : times_(eventTimes(request.right_time)), known_after_(request.strictly_before ? 1 : 0) {
    if (request.right_available.rows > 0) available_ = eventTimes(request.right_available);
    if (!request.known_after.isZero()) {
      available_ = times_;
      for (std::int64_t& time : available_) time = time == no_time ? no_time : laterBy(time, request.known_after);
    }
    placeRows(keys);
    if (!available_.empty()) latest_.resize(order_.size());
    known_from_.resize(order_.size());
    ties_before_.assign(order_.size(), 0);
    parallelFor(request.threads, begins_.size() - 1, [&](std::size_t g) { finishSeries(begins_[g], begins_[g + 1]); });
  }

  /// The place of the latest row of a key that is known at `moment`; -1: none is.
  [[nodiscard]] std::int64_t latestAt(std::int32_t group, std::int64_t moment) const {
    const auto first = known_from_.begin() + begins_[static_cast<std::size_t>(group)];
    const auto last = known_from_.begin() + begins_[static_cast<std::size_t>(group) + 1];
    const auto after = std::upper_bound(first, last, moment);
    if (after == first) return -1;
    const std::int64_t at = after - known_from_.begin() - 1;
    return latest_.empty() ? at : latest_[static_cast<std::size_t>(at)];
  }

  [[nodiscard]] std::int32_t rowAt(std::int64_t place) const { return order_[static_cast<std::size_t>(place)]; }
  [[nodiscard]] std::int64_t timeAt(std::int64_t place) const { return timeOf(rowAt(place)); }
  /// Nothing tells the row at this place from the one before it. (Rows that tie become known together, so the latest is the
  /// last of them.)
  [[nodiscard]] bool ties(std::int64_t place) const { return ties_before_[static_cast<std::size_t>(place)] != 0; }
  /// The row at `place` and those that tie with it.
  [[nodiscard]] std::vector<std::int32_t> tieAt(std::int64_t place) const {
    std::vector<std::int32_t> rows{rowAt(place)};
    for (; ties(place); --place) rows.push_back(rowAt(place - 1));
    return rows;
  }

 private:
  [[nodiscard]] std::int64_t timeOf(std::int32_t row) const { return times_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] std::int64_t availableOf(std::int32_t row) const { return available_.empty() ? 0 : available_[static_cast<std::size_t>(row)]; }
  [[nodiscard]] bool isTie(std::int32_t a, std::int32_t b) const { return timeOf(a) == timeOf(b) && availableOf(a) == availableOf(b); }

  /// Rows of each key in the order of the file; what has no time, or never becomes available, is in none.
  void placeRows(const KeyMatches& keys) {
    const std::span<const std::int32_t> groups = keys.rightGroups();
    const auto counts = [&](std::size_t r) { return times_[r] != no_time && (available_.empty() || available_[r] != no_time); };
    begins_.assign(keys.groups() + 1, 0);
    for (std::size_t r = 0; r < groups.size(); ++r) {
      if (counts(r)) ++begins_[static_cast<std::size_t>(groups[r]) + 1];
    }
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
    order_.resize(static_cast<std::size_t>(begins_.back()));
    std::vector<std::int64_t> next(begins_.begin(), begins_.end() - 1);
    for (std::size_t r = 0; r < groups.size(); ++r) {
      if (counts(r)) order_[static_cast<std::size_t>(next[static_cast<std::size_t>(groups[r])]++)] = static_cast<std::int32_t>(r);
    }
  }

  void finishSeries(std::int64_t begin, std::int64_t end) {
    const auto first = order_.begin() + begin;
    const auto last = order_.begin() + end;
    const auto earlier = [&](std::int32_t a, std::int32_t b) {
      return timeOf(a) != timeOf(b) ? timeOf(a) < timeOf(b) : availableOf(a) < availableOf(b);
    };
    if (!std::is_sorted(first, last, earlier)) std::stable_sort(first, last, earlier);
    for (std::int64_t i = begin; i < end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::int64_t from = timeOf(order_[at]) + known_after_;
      known_from_[at] = available_.empty() ? from : std::max(from, availableOf(order_[at]));
      ties_before_[at] = i > begin && isTie(order_[at - 1], order_[at]) ? 1 : 0;
    }
    if (!available_.empty()) orderByKnown(begin, end);
  }

  /// Later rows may be known earlier: places in the order in which they become known, with the latest so far.
  void orderByKnown(std::int64_t begin, std::int64_t end) {
    std::vector<std::int64_t> places(static_cast<std::size_t>(end - begin));
    std::iota(places.begin(), places.end(), begin);
    const auto knownBefore = [&](std::int64_t a, std::int64_t b) { return known_from_[static_cast<std::size_t>(a)] < known_from_[static_cast<std::size_t>(b)]; };
    std::stable_sort(places.begin(), places.end(), knownBefore);
    std::int64_t latest = -1;
    std::vector<std::int64_t> known;
    for (std::size_t i = 0; i < places.size(); ++i) {
      known.push_back(known_from_[static_cast<std::size_t>(places[i])]);
      latest = std::max(latest, places[i]);
      latest_[static_cast<std::size_t>(begin) + i] = static_cast<std::int32_t>(latest);
    }
    std::copy(known.begin(), known.end(), known_from_.begin() + begin);
  }

  std::vector<std::int64_t> times_;
  std::vector<std::int64_t> available_;
  std::int64_t known_after_;
  std::vector<std::int64_t> begins_;
  std::vector<std::int32_t> order_;
  std::vector<std::int64_t> known_from_;  ///< ascending in each series
  std::vector<std::int32_t> latest_;      ///< of the rows known by then, the place of the latest; empty: the place itself
  std::vector<std::uint8_t> ties_before_;
};

}  // namespace

AsOfMatches matchAsOf(const AsOfRequest& request) {
  constexpr std::size_t block = 65'536;
  const std::vector<std::int64_t> times = eventTimes(request.left_time);
  const KeyMatches keys(viewsOf(request.left_keys), request.left_time.rows, viewsOf(request.right_keys), request.right_time.rows);
  const RightSeries series(request, keys);
  AsOfMatches out;
  out.rows.resize(times.size());
  std::vector<std::int32_t>& places = out.rows;
  parallelFor(request.threads, (times.size() + block - 1) / block, [&](std::size_t b) {
    for (std::size_t r = b * block; r < std::min(times.size(), (b + 1) * block); ++r) {
      const std::int32_t group = keys.leftGroups()[r];
      std::int64_t place = -1;
      if (group >= 0 && times[r] != no_time) {
        const std::int64_t moment = minusClamped(times[r], request.ahead_us);
        place = series.latestAt(group, moment);
        if (place >= 0 && request.within_us && series.timeAt(place) < minusClamped(moment, *request.within_us)) place = -1;
      }
      places[r] = static_cast<std::int32_t>(place);
    }
  });
  std::vector<bool> seen;
  for (std::size_t r = 0; r < places.size(); ++r) {
    const std::int32_t place = places[r];
    if (place < 0) continue;
    if (series.ties(place)) {
      if (seen.size() <= static_cast<std::size_t>(place)) seen.resize(static_cast<std::size_t>(request.right_time.rows));
      if (!seen[static_cast<std::size_t>(place)]) out.ties.push_back({static_cast<std::int32_t>(r), series.tieAt(place)});
      seen[static_cast<std::size_t>(place)] = true;
    }
    places[r] = series.rowAt(place);
  }
  return out;
}

std::int32_t firstUndecided(const AsOfMatches& matches, const Column& column) {
  const score::ColumnView view = column.view();
  for (const AsOfMatches::Tie& tie : matches.ties) {
    const std::vector<std::int64_t> numbers = orderedNumbers(column, tie.rows, ZeroSign::Kept);
    for (std::size_t i = 1; i < tie.rows.size(); ++i) {
      if (view.isValid(tie.rows[i]) != view.isValid(tie.rows[0]) || numbers[i] != numbers[0]) return tie.left;
    }
  }
  return -1;
}

}  // namespace cd4ml::data
