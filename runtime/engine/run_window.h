/// Windows of a table or of features, run over columns: arguments are computed over the folded rows, the folds are
/// those of runtime/data/window.h.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "runtime/data/window.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

/// Columns by slot; those that nobody reads are empty.
struct WindowColumns {
  std::span<const data::Column> columns;
  std::int64_t rows = 0;
};

/// Folds windows of one owner over one set of current rows; what is sorted by key and time once serves all of them.
class WindowRunner {
 public:
  explicit WindowRunner(Run& run) : run_(run) {}

  /// One value a current row. `own`: the owner's rows that are folded where the window is over no other node.
  [[nodiscard]] Result<data::Column> fold(const ir::Window& window, const WindowColumns& current, const WindowColumns& own);
  /// The rows are others from here on.
  void forget() { orders_.clear(); }

 private:
  Result<data::Column> argumentOf(const ir::Window& window, const WindowColumns& folded);
  Result<std::shared_ptr<const data::WindowOrder>> orderOf(const ir::Window& window, const WindowColumns& current, const WindowColumns& folded);

  Run& run_;
  std::map<std::vector<std::uint32_t>, std::shared_ptr<const data::WindowOrder>> orders_;
};

/// The newest time (µs) of the named time columns; INT64_MIN without any.
[[nodiscard]] Result<std::int64_t> newestTime(Run& run, const std::vector<ir::SlotRef>& ends);

/// Adds the windows' results that `slots` of the features' graph read, behind the columns of `from`. `inputs` has the
/// columns that `columnsUnder` names.
[[nodiscard]] Status addWindows(Run& run, const ir::Features& features, const Slots& slots, std::vector<data::Column>& inputs, std::int64_t rows);
/// The columns of `from` that `slots` of the features' graph read, through windows too.
[[nodiscard]] Slots columnsUnder(const Run& run, const ir::Features& features, const Slots& slots);

}  // namespace cd4ml::engine
