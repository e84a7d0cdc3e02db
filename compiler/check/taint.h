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
  /// Whose value it is: that of the row itself, of rows that lie at least `gap_us` before it (seen through a window), or
  /// of later rows.
  enum class Of : std::uint8_t { Row, Earlier, Later } of = Of::Row;
  std::int64_t gap_us = 0;
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
  /// Reaches into the future of its row, so far that it is known `ahead_us` after the row's time, by this path.
  bool looks_ahead = false;
  std::int64_t ahead_us = 0;
  std::vector<TaintStep> ahead_path{};
  /// How it came by a plain join from rows that may not be known yet at its row's time; empty: it did not.
  std::vector<TaintStep> unavailable_path{};

  [[nodiscard]] bool has(TaintBit bit) const { return (bits & static_cast<std::uint8_t>(bit)) != 0; }
  void set(TaintBit bit) { bits |= static_cast<std::uint8_t>(bit); }
  [[nodiscard]] const TaintRead* find(ir::SlotRef column) const;
};

/// The taint of a source column: it reads itself.
[[nodiscard]] Taint taintOfSourceColumn(ir::SlotRef column, std::string_view name, Span declared);
/// Comes from rows that may not be known yet, by this path.
void setUnavailable(Taint& taint, std::vector<TaintStep> path);
/// Adds what `from` depends on to `into`.
void mergeTaint(Taint& into, const Taint& from);
/// `taint` of a condition that decides which rows there are (filter, join inner).
[[nodiscard]] Taint taintOfRows(Taint taint);
/// `taint` of values of rows at least `gap_us` before, seen through a window.
[[nodiscard]] Taint taintOfEarlier(Taint taint, std::int64_t gap_us);
/// `taint` of values of rows up to `reach_us` later, seen through a window at `window`.
[[nodiscard]] Taint taintOfLater(Taint taint, std::int64_t reach_us, Span window);
/// `taint` seen through a definition: each path gets the step (span, "`is_late` reads `delay`").
[[nodiscard]] Taint taintThrough(const Taint& taint, std::string_view defined_name, Span definition);

/// What is label and when it is known.
struct Labels {
  const Taint& target;
  Span target_span;
  const std::vector<std::string>& known;  ///< label columns that are known beforehand
  std::int64_t after_us = 0;              ///< labels are known this long after their row's time
  bool earlier_rows_train = true;         ///< no split, or one by time: rows before a row are no test rows of it
};

/// Reports a feature that reads a label column of its own row (CD3301), of rows whose label is not known yet (CD3302) or
/// may be a test row's (CD3303), or what is not known yet (`reportNotKnown`), with the path from there to the feature. True
/// if it leaks.
bool reportLeak(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature,
                const Labels& labels);
/// Only whether it looks ahead (CD3304), or reads rows that may become known later (CD3305).
bool reportNotKnown(diag::Diagnostics& diagnostics, std::string_view feature_name, Span feature_span, const Taint& feature);

}  // namespace cd4ml::check
