#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstring>
#include <mutex>
#include <numeric>
#include <unordered_map>

#include "base/internal_check.h"
#include "base/parallel.h"
#include "runtime/data/series_fold.h"
#include "runtime/data/window.h"

namespace cd4ml::data {

namespace {

using Outcome = window::Result;
using Frame = ir::Window::Frame;

constexpr std::int64_t day_us = 86'400'000'000;

/// `us` so many calendar months before: the same day, or the last of a shorter month.
std::int64_t monthsBefore(std::int64_t us, std::int32_t months) {
  using namespace std::chrono;
  const std::int64_t days = us >= 0 ? us / day_us : -((-us + day_us - 1) / day_us);
  const year_month_day day{sys_days{std::chrono::days{days}}};
  year_month_day moved = day - std::chrono::months{months};
  if (!moved.ok()) moved = moved.year() / moved.month() / last;
  return sys_days{moved}.time_since_epoch().count() * day_us + (us - days * day_us);
}

std::int64_t minusClamped(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_sub_overflow(a, b, &out) ? INT64_MIN + 1 : out;
}
std::int64_t plusClamped(std::int64_t a, std::int64_t b) {
  std::int64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? INT64_MAX : out;
}

/// The places of rows that are known at `t`: those before it. (Rows that are known so long after their time become known in
/// its order.)
std::size_t knownPlaces(std::span<const std::int64_t> times, const ir::Period& known_after, std::int64_t t) {
  if (known_after.isZero()) return times.size();
  const auto known = [&](std::int64_t time) { return time == WindowOrder::no_time || laterBy(time, known_after) <= t; };
  return static_cast<std::size_t>(std::partition_point(times.begin(), times.end(), known) - times.begin());
}

/// Results by current row.
struct Results {
  explicit Results(std::int64_t rows)
      : there(static_cast<std::size_t>(rows), 0), bits(static_cast<std::size_t>(rows), 0) {}
  std::vector<std::uint8_t> there;
  std::vector<std::int64_t> bits;  ///< int, or the bits of a float, or a folded row
};

enum class Output : std::uint8_t { Float, Whole, Row };

Output outputOf(const ir::Window& window) {
  const std::string& name = window.aggregate;
  if (name == "lag" || name == "lead" || name == "min" || name == "max" || name == "mode") return Output::Row;
  return window.type.kind == ir::Kind::Float ? Output::Float : Output::Whole;
}

/// A row error; the first row's is the one that is reported, whichever thread finds it.
class FirstError {
 public:
  void set(std::int32_t row, std::string text) {
    const std::lock_guard lock(mutex_);
    if (row_ >= 0 && row_ <= row) return;
    row_ = row;
    text_ = std::move(text);
  }
  [[nodiscard]] bool any() const { return row_ >= 0; }
  [[nodiscard]] const std::string& text() const { return text_; }
  void keepError(Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
  }
  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  std::mutex mutex_;
  std::int32_t row_ = -1;
  std::string text_;
  std::optional<Error> error_;
};

class Folder {
 public:
  explicit Folder(const WindowRequest& request)
      : request_(request),
        window_(*request.window),
        results_(request.order->currentRows()),
        output_(outputOf(window_)),
        steps_(window_.frame == Frame::RowAt || window_.frame == Frame::TimeAt) {
    if (request.available.rows > 0) available_ = eventTimes(request.available);
  }

  Result<Column> run() {
    if (window_.aggregate == "count" || window_.aggregate == "n_unique") std::fill(results_.there.begin(), results_.there.end(), 1);
    parallelFor(request_.threads, request_.order->seriesCount(), [&](std::size_t s) { runSeries(request_.order->series(s)); });
    if (request_.argument_of && window_.type.kind == ir::Kind::Category) {
      return makeError("CD5021", "a category folded with `row.x` is not supported yet", window_.span);
    }
    if (errors_.error()) return *errors_.error();
    if (errors_.any()) return makeError(is_overflow_ ? "CD5016" : "CD5023", errors_.text(), window_.span);
    if (window_.direction == ir::Window::Direction::Ahead && !steps_) forgetUnknown();
    return finish();
  }

 private:
  struct Places {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  /// The folded places of a row's window, whether they are `@available` or not.
  [[nodiscard]] Places placesOf(const WindowOrder::Series& series, std::int64_t t) const {
    const auto& times = series.folded_times;
    const auto notBefore = [&](std::int64_t time) { return static_cast<std::size_t>(std::lower_bound(times.begin(), times.end(), time) - times.begin()); };
    const auto after = [&](std::int64_t time) { return static_cast<std::size_t>(std::upper_bound(times.begin(), times.end(), time) - times.begin()); };
    if (window_.direction == ir::Window::Direction::Ahead) {
      const std::int64_t from = plusClamped(t, window_.gap_us);
      return {after(from), after(plusClamped(from, window_.extent_us))};
    }
    const std::int64_t to = minusClamped(t, window_.gap_us);
    const std::size_t end = std::min(notBefore(to), knownPlaces(times, window_.known_after, t));
    if (window_.frame != Frame::Time) return {0, end};
    const std::int64_t from = window_.extent_months > 0 ? monthsBefore(to, window_.extent_months) : minusClamped(to, window_.extent_us);
    return {std::min(notBefore(from), end), end};
  }

  [[nodiscard]] bool isKnown(std::int32_t folded, std::int64_t t) const {
    if (available_.empty() || window_.direction == ir::Window::Direction::Ahead) return true;
    const std::int64_t known = available_[static_cast<std::size_t>(folded)];
    return known != WindowOrder::no_time && known <= t;
  }

  void runSeries(const WindowOrder::Series& series) {
    if (series.current.empty() || errors_.error()) return;
    if (request_.argument_of) return runPairs(series);
    if (steps_) return runSteps(series, request_.argument, series.folded);
    SeriesFold fold(window_, request_.argument, series.folded);
    const bool slides = available_.empty() || window_.direction == ir::Window::Direction::Ahead;
    Places held;
    std::vector<std::size_t> places;
    for (std::size_t c = 0; c < series.current.size(); ++c) {
      Places wanted = placesOf(series, series.current_times[c]);
      if (slides) {
        if (window_.frame == Frame::Rows) wanted = lastRows(series, c, wanted, request_.argument, series.folded);
        slide(fold, held, wanted);
        keep(fold, series.current[c]);
        continue;
      }
      collect(series, c, wanted, places);
      for (const std::size_t at : places) fold.change(at, 1);
      keep(fold, series.current[c]);
      for (const std::size_t at : places) fold.change(at, -1);
    }
  }

  static void slide(SeriesFold& fold, Places& held, const Places& wanted) {
    if (wanted.begin >= held.end || wanted.end <= held.begin) {
      for (std::size_t at = held.begin; at < held.end; ++at) fold.change(at, -1);
      held = {wanted.begin, wanted.begin};
    }
    while (held.end < wanted.end) fold.change(held.end++, 1);
    while (held.begin > wanted.begin) fold.change(--held.begin, 1);
    while (held.begin < wanted.begin) fold.change(held.begin++, -1);
    while (held.end > wanted.end) fold.change(--held.end, -1);
  }

  /// The places of `wanted` whose rows are known at the row's time; of `previous N rows` the last N of them.
  void collect(const WindowOrder::Series& series, std::size_t c, const Places& wanted, std::vector<std::size_t>& places) {
    places.clear();
    const std::int64_t t = series.current_times[c];
    const auto enough = static_cast<std::size_t>(window_.frame == Frame::Rows ? window_.rows : INT64_MAX);
    for (std::size_t at = wanted.end; at-- > wanted.begin && places.size() < enough;) {
      if (isKnown(series.folded[at], t)) places.push_back(at);
    }
    if (window_.frame != Frame::Rows || places.size() < enough) return;
    const std::size_t last = places.back();
    for (std::size_t at = last; at-- > wanted.begin && series.folded_times[at] == series.folded_times[last];) {
      if (isKnown(series.folded[at], t)) checkTie(series, c, request_.argument, series.folded, at, last);
    }
  }

  /// The last N places of `wanted`; an error if rows of equal time lie on both sides of its end and differ.
  Places lastRows(const WindowOrder::Series& series, std::size_t c, Places wanted, const Column& argument, std::span<const std::int32_t> rows) {
    const auto count = static_cast<std::size_t>(window_.rows);
    if (wanted.end - wanted.begin <= count) return wanted;
    const std::size_t begin = wanted.end - count;
    const std::int64_t time = series.folded_times[begin];
    if (series.folded_times[begin - 1] == time) {
      std::size_t first = begin;
      while (first > wanted.begin && series.folded_times[first - 1] == time) --first;
      for (std::size_t at = first; at < wanted.end && series.folded_times[at] == time; ++at) checkTie(series, c, argument, rows, at, begin);
    }
    return {begin, wanted.end};
  }

  void checkTie(const WindowOrder::Series& series, std::size_t c, const Column& argument, std::span<const std::int32_t> rows, std::size_t a, std::size_t b) {
    if ((argument.type.isError() && !request_.argument_of) || a == b) return;
    if (request_.argument_of) return tied(series.current[c]);  // its values are not known yet
    const std::int32_t pair[2] = {rows[a], rows[b]};
    const score::ColumnView view = argument.view();
    if (view.isValid(pair[0]) == view.isValid(pair[1])) {
      if (!view.isValid(pair[0])) return;
      const std::vector<std::int64_t> numbers = orderedNumbers(argument, pair, ZeroSign::Kept);
      if (numbers[0] == numbers[1]) return;
    }
    tied(series.current[c]);
  }

  void tied(std::int32_t row) {
    errors_.set(row,
                fmt::format("`{}` has to choose among rows of equal time that differ, for the row {}", window_.frame == Frame::Rows ? "previous" : window_.aggregate,
                            request_.describe ? request_.describe(row) : fmt::format("{}", row)));
  }

  /// `lag` and `lead`: one folded row.
  void runSteps(const WindowOrder::Series& series, const Column& argument, std::span<const std::int32_t> rows) {
    for (std::size_t c = 0; c < series.current.size(); ++c) stepOf(series, c, argument, rows);
  }

  void stepOf(const WindowOrder::Series& series, std::size_t c, const Column& argument, std::span<const std::int32_t> rows) {
    const auto& times = series.folded_times;
    const std::int64_t t = series.current_times[c];
    const bool ahead = window_.direction == ir::Window::Direction::Ahead;
    const bool by_time = window_.frame == Frame::TimeAt;
    const std::int64_t place = ahead ? plusClamped(t, window_.extent_us) : minusClamped(t, window_.extent_us);
    // Back: the rows before `bound`, from the last on; ahead: those from `bound` on.
    const auto bound = static_cast<std::size_t>((by_time != ahead ? std::upper_bound(times.begin(), times.end(), place)
                                                                  : std::lower_bound(times.begin(), times.end(), place)) - times.begin());
    std::int64_t left = by_time ? 1 : window_.rows;
    std::size_t at = ahead ? bound : std::min(bound, knownPlaces(times, window_.known_after, t));
    while (left > 0) {
      if (ahead ? at == times.size() : at == 0) return;
      if (!ahead) --at;
      if (isKnown(series.folded[at], t)) --left;
      if (left > 0 && ahead) ++at;
    }
    const auto [first, last] = std::equal_range(times.begin(), times.end(), times[at]);
    for (auto i = static_cast<std::size_t>(first - times.begin()); i < static_cast<std::size_t>(last - times.begin()); ++i) {
      if (isKnown(series.folded[i], t)) checkTie(series, c, argument, rows, i, at);
    }
    const auto row = static_cast<std::size_t>(series.current[c]);
    results_.there[row] = argument.view().isValid(rows[at]) ? 1 : 0;
    results_.bits[row] = rows[at];
  }

  /// The argument reads the current row: its values are computed for pairs, some current rows at a time.
  void runPairs(const WindowOrder::Series& series) {
    constexpr std::size_t most_pairs = std::size_t{1} << 18;
    std::vector<std::int32_t> current, folded;
    std::vector<std::size_t> places, begins;
    std::size_t first = 0;
    for (std::size_t c = 0; c < series.current.size(); ++c) {
      begins.push_back(current.size());
      Places wanted = steps_ ? Places{0, series.folded.size()} : placesOf(series, series.current_times[c]);
      collect(series, c, wanted, places);
      for (const std::size_t at : places) {
        current.push_back(series.current[c]);
        folded.push_back(series.folded[at]);
      }
      if (current.size() < most_pairs && c + 1 < series.current.size()) continue;
      begins.push_back(current.size());
      foldPairs(series, first, current, folded, begins);
      first = c + 1;
      current.clear(), folded.clear(), begins.clear();
    }
  }

  void foldPairs(const WindowOrder::Series& series, std::size_t first, const std::vector<std::int32_t>& current, const std::vector<std::int32_t>& folded,
                 const std::vector<std::size_t>& begins) {
    if (current.empty()) return;
    const Result<Column> argument = request_.argument_of(current, folded);
    if (!argument) return errors_.keepError(argument.error());
    for (std::size_t i = 0; i + 1 < begins.size(); ++i) {
      std::vector<std::int32_t> rows(begins[i + 1] - begins[i]);
      std::iota(rows.begin(), rows.end(), static_cast<std::int32_t>(begins[i]));
      SeriesFold fold(window_, *argument, rows);
      for (std::size_t at = 0; at < rows.size(); ++at) fold.change(at, 1);
      keep(fold, series.current[first + i], &*argument);
    }
  }

  void keep(SeriesFold& fold, std::int32_t row, const Column* pairs = nullptr) {
    Outcome out;
    if (!fold.result(out)) {
      is_overflow_ = true;
      errors_.set(row, "the sum of a window does not fit into an int");
    }
    const auto at = static_cast<std::size_t>(row);
    results_.there[at] = out.there ? 1 : 0;
    switch (output_) {
      case Output::Float: results_.bits[at] = std::bit_cast<std::int64_t>(out.number); break;
      case Output::Whole: results_.bits[at] = out.whole; break;
      case Output::Row: results_.bits[at] = pairs == nullptr ? out.row : valueBits(*pairs, out.row); break;
    }
  }

  /// The value of a row of a passing column; categories have one dictionary for all.
  static std::int64_t valueBits(const Column& column, std::int32_t row) {
    if (row < 0) return 0;
    const score::ColumnView view = column.view();
    if (view.kind == ir::Kind::Float) return std::bit_cast<std::int64_t>(view.floats()[row]);
    if (view.kind == ir::Kind::Category) return view.codes()[row];
    return view.kind == ir::Kind::Bool ? view.bools()[row] : view.ints()[row];
  }

  /// What reaches beyond the data's end is not known.
  void forgetUnknown() {
    const std::vector<std::int64_t>& times = request_.order->times();
    for (std::size_t r = 0; r < times.size(); ++r) {
      const std::int64_t reach = plusClamped(plusClamped(times[r], window_.gap_us), window_.extent_us);
      if (times[r] == WindowOrder::no_time || reach > request_.data_end) results_.there[r] = 0;
    }
  }

  Column finish() {
    const std::int64_t rows = request_.order->currentRows();
    if (output_ == Output::Row && !request_.argument_of) {
      std::vector<std::int32_t> indices(static_cast<std::size_t>(rows), -1);
      for (std::size_t r = 0; r < indices.size(); ++r) {
        if (results_.there[r] != 0) indices[r] = static_cast<std::int32_t>(results_.bits[r]);
      }
      Column out = take(request_.argument, indices);
      out.type.nullable = true;
      return out;
    }
    Column out;
    out.type = window_.type;
    out.rows = rows;
    auto values = allocateBuffer(static_cast<std::size_t>(rows) * sizeof(std::int64_t));
    std::memcpy(values.get(), results_.bits.data(), static_cast<std::size_t>(rows) * sizeof(std::int64_t));
    out.values = std::move(values);
    if (std::find(results_.there.begin(), results_.there.end(), 0) != results_.there.end()) {
      auto validity = allocateValidity(rows);
      for (std::int64_t r = 0; r < rows; ++r) {
        if (results_.there[static_cast<std::size_t>(r)] == 0) validity.get()[r >> 3] &= static_cast<std::uint8_t>(~(1U << (r & 7)));
      }
      out.validity = std::move(validity);
      out.type.nullable = true;
    }
    return finishColumn(std::move(out));
  }

  const WindowRequest& request_;
  const ir::Window& window_;
  Results results_;
  Output output_;
  bool steps_;
  std::vector<std::int64_t> available_;
  FirstError errors_;
  std::atomic<bool> is_overflow_ = false;
};

}  // namespace

std::int64_t laterBy(std::int64_t us, const ir::Period& period) {
  const std::int64_t later = plusClamped(us, period.us);
  return period.months == 0 ? later : monthsBefore(later, -period.months);
}

Result<Column> foldWindow(const WindowRequest& request) { return Folder(request).run(); }

}  // namespace cd4ml::data
