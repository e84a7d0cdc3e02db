/// Taint: which source columns a value reads *for its own row*, and what else it learned from. Part of every checked
/// value from the start, because leakage is a type error: a source column that the target reads for its own row is a
/// label column, and a feature that reads one leaks.
///
/// Reads are sorted by column, each once, with the shortest known path from the column's declaration to the value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/span.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::check {

/// One step of a path: a place and a few words ("`is_late` reads `delay`").
struct TaintStep {
  Span span;
  std::string text;
};

/// A source column that a value depends on for its own row.
struct TaintRead {
  ir::SlotRef column;            ///< slot of the source node
  std::string name;              ///< of the column, for messages
  std::vector<TaintStep> path;   ///< from the declaration of the column to the value
  bool by_rows = false;          ///< only decides which rows an aggregate folds; makes no label of the column
};

enum class TaintBit : std::uint8_t {
  Fitted = 1,      ///< depends on a statistic or encoding learned from the training part
  CrossFit = 2,    ///< depends on the target through a cross-fitted encoder
  Prediction = 4,  ///< depends on a model's prediction
  Aggregate = 8,   ///< folds several rows
};

struct Taint {
  std::uint8_t bits = 0;
  std::vector<TaintRead> reads;

  [[nodiscard]] bool has(TaintBit bit) const { return (bits & static_cast<std::uint8_t>(bit)) != 0; }
  void set(TaintBit bit) { bits |= static_cast<std::uint8_t>(bit); }
  [[nodiscard]] const TaintRead* find(ir::SlotRef column) const;
};

/// The taint of a source column: it reads itself.
[[nodiscard]] Taint taintOfSourceColumn(ir::SlotRef column, std::string_view name, Span declared);
/// Adds what `from` depends on to `into`.
void mergeTaint(Taint& into, const Taint& from);
/// `taint` of a condition that decides which rows there are (filter, join inner).
[[nodiscard]] Taint taintOfRows(Taint taint);
/// `taint` seen through a definition: each path gets the step (span, "`is_late` reads `delay`").
[[nodiscard]] Taint taintThrough(const Taint& taint, std::string_view defined_name, Span definition);

/// Reports a feature that reads a label column of its own row (CD3301), with the path from the label to the feature.
/// `label` is the target's taint; columns named in `known` are known beforehand. True if it leaks.
bool reportLeak(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature,
                const Taint& label, Span target_span, const std::vector<std::string>& known);

}  // namespace cd4ml::check
