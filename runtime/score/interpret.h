/// The interpreter of FeatureIR on plain pointers: the oracle for the JIT, and what scores where nothing is compiled.
/// It calls the same kernels as compiled code, so its bits are theirs.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/value.h"
#include "runtime/score/column_view.h"
#include "runtime/score/fitted.h"
#include "runtime/score/lookup.h"

namespace cd4ml::score {

/// Owns the buffers of one computed column.
class Block {
 public:
  [[nodiscard]] const ColumnView& view() const { return view_; }

 private:
  friend Block makeBlock(ColumnView view, std::vector<std::shared_ptr<void>> owned);
  ColumnView view_;
  std::vector<std::shared_ptr<void>> owned_;
};

/// The first row whose computation failed (overflow, division by zero, a bad cast).
struct RowError {
  std::int64_t row = 0;
  ir::ValueId value;      ///< its span is where
  std::string message;
};


/// Computes `wanted` over `rows` rows of `inputs` (by Input slot). Vector values have `width` columns side by side in
/// one float buffer each: element k of row r is values[k * stride + r], stride = rows rounded up to 8.
Result<std::vector<std::shared_ptr<const Block>>> interpret(const ir::Graph& graph, std::span<const ir::ValueId> wanted,
                                                            std::span<const ColumnView> inputs, std::int64_t rows,
                                                            const FittedState& fitted, const LookupSnapshots* lookups,
                                                            std::optional<RowError>& row_error);

}  // namespace cd4ml::score
