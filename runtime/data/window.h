/// Folds over windows: for each current row, an aggregate over the folded rows of equal keys that lie in its window
/// (`ir::Window` says which). Current and folded rows are separate row sets; in training they are often the same.
///
/// A result is a function of the rows in the window alone: not of their order in a file, of threads or of what lies
/// outside. Sums are exact and rounded once (exact_sum.h). Rows of equal time are not before each other; where a
/// choice among them would decide a value, that is an error that names key and time (CD5023).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/data/column.h"

namespace cd4ml::data {

/// Keys and times of one side. `time` is a Timestamp or a Date (midnight UTC); null matches nothing, as null keys.
struct WindowSide {
  std::vector<Column> keys;
  Column time;
};

/// Rows of both sides by key, in order of time: made once for each pair of keys and times, read by many windows.
class WindowOrder {
 public:
  WindowOrder(const WindowSide& current, const WindowSide& folded);

  /// Rows of one key: sorted by time, then by row.
  struct Series {
    std::span<const std::int32_t> current;
    std::span<const std::int64_t> current_times;
    std::span<const std::int32_t> folded;
    std::span<const std::int64_t> folded_times;
  };
  [[nodiscard]] std::size_t seriesCount() const { return folded_begins_.size() - 1; }
  [[nodiscard]] Series series(std::size_t index) const;
  [[nodiscard]] std::int64_t currentRows() const { return current_rows_; }
  [[nodiscard]] std::int64_t foldedRows() const { return folded_rows_; }
  /// Times of all current rows, µs; `no_time` where there is none.
  [[nodiscard]] const std::vector<std::int64_t>& times() const { return times_; }
  /// The newest time of either side; INT64_MIN if there is none.
  [[nodiscard]] std::int64_t newest() const { return newest_; }
  static constexpr std::int64_t no_time = INT64_MIN;

 private:
  std::int64_t current_rows_;
  std::int64_t folded_rows_;
  std::int64_t newest_ = no_time;
  std::vector<std::int64_t> times_;
  std::vector<std::int64_t> current_begins_, folded_begins_;
  std::vector<std::int32_t> current_order_, folded_order_;
  std::vector<std::int64_t> current_times_, folded_times_;
};

struct WindowRequest {
  const ir::Window* window = nullptr;
  std::shared_ptr<const WindowOrder> order;
  Column available;            ///< of the folded rows, where the window has such a slot
  Column argument;             ///< of the folded rows; no type: `count()`, or `argument_of`
  /// Where the argument reads the current row as well: its values for pairs of a current and a folded row.
  std::function<Result<Column>(std::span<const std::int32_t> current, std::span<const std::int32_t> folded)> argument_of;
  std::int64_t data_end = INT64_MAX;  ///< µs; a window ahead that reaches beyond it gives null
  /// Key and time of a current row, for messages.
  std::function<std::string(std::int32_t row)> describe;
  int threads = 1;
};

/// One value a current row.
[[nodiscard]] Result<Column> foldWindow(const WindowRequest& request);

/// `us` so much later; of a shorter month the last day.
[[nodiscard]] std::int64_t laterBy(std::int64_t us, const ir::Period& period);

/// Times as µs; `WindowOrder::no_time` for null.
[[nodiscard]] std::vector<std::int64_t> eventTimes(const Column& time);

}  // namespace cd4ml::data
