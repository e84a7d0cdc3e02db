/// Computes values of a graph over whole columns: functions of texts and dictionaries on the host, everything else in
/// fused loops that a backend runs, interpreted or compiled.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "compiler/ir/value.h"
#include "compiler/lanes/program.h"
#include "runtime/score/column_view.h"
#include "runtime/score/fitted.h"
#include "runtime/score/interpret.h"

namespace cd4ml::score {

/// A row that could not be computed, and the value that failed there; an error only where it is used.
struct FailedRow {
  std::int64_t row = 0;
  ir::ValueId value;
};
using FailedRows = std::vector<FailedRow>;  ///< ascending

/// A computed or given column with what keeps it alive.
struct Held {
  ColumnView view;
  std::vector<std::shared_ptr<void>> owned{};
  std::shared_ptr<std::uint8_t> values{};    ///< of a computed column
  std::shared_ptr<std::uint8_t> offsets{};
  std::shared_ptr<std::uint8_t> validity{};
  std::shared_ptr<const std::vector<std::string>> texts{};  ///< category; equal texts may have several codes
  std::int64_t stride = 0;                   ///< vector: rows of a stripe
  std::uint32_t width = 1;
  std::shared_ptr<const FailedRows> failures{};  ///< null: none
  std::shared_ptr<std::uint8_t> failed{};        ///< the same as bits
};

/// Values of an encoder that come from several fits: row r takes the numbers of fits[fit_of_row[r]].
struct FoldedEncode {
  std::shared_ptr<const std::uint8_t> fit_of_row;  ///< padded like every buffer
  std::vector<FittedValue> fits;
};

struct GraphRequest {
  const ir::Graph& graph;
  std::span<const ir::ValueId> wanted;
  std::span<const ColumnView> inputs;
  std::int64_t rows = 0;
  const FittedState& fitted;
  const LookupSnapshots* lookups = nullptr;
  const std::map<std::uint32_t, FoldedEncode>* folded = nullptr;
};

/// How loops are run and where columns come from.
struct Backend {
  /// 64-byte aligned, padded to whole 64-byte blocks.
  std::function<std::shared_ptr<std::uint8_t>(std::size_t)> allocate;
  /// Runs groups [0, groups) of eight rows; true if a row or the padding failed.
  std::function<bool(const lanes::Program&, const lanes::Arguments&, std::int64_t groups)> run;
};

/// The interpreter on one thread.
[[nodiscard]] Backend interpreterBackend();

/// One column a wanted value. Columns of inputs are shared, not copied. A row error stops the run and is told.
[[nodiscard]] Result<std::vector<Held>> runGraph(const GraphRequest& request, const Backend& backend,
                                                 std::optional<RowError>& row_error);

}  // namespace cd4ml::score
