/// A bundle made ready for few rows at a time: what one request of a server brings.
///
/// `RowScorer` lowers loops, makes tables of the categories that occur and allocates columns for each batch, which pays
/// for many rows. Here loops are lowered once, tables are looked up by text in hashes of the levels, and all memory lies in
/// a workspace that a thread keeps. The bits are the same: the same lanes, kernels and scorers run.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/score/predict.h"
#include "runtime/score/row_batch.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::score {

/// What a thread keeps between calls of one program.
class RowWorkspace {
 public:
  virtual ~RowWorkspace() = default;
};

/// Immutable and thread-safe; the scorer must outlive it.
class RowProgram {
 public:
  static constexpr std::int64_t most_rows = 8;

  virtual ~RowProgram() = default;
  [[nodiscard]] virtual std::unique_ptr<RowWorkspace> makeWorkspace() const = 0;
  /// Scores 1 to `most_rows` rows of a batch of the bundle's inputs. Null if one of them is bad: RowScorer::score says why.
  /// The predictions belong to the workspace.
  [[nodiscard]] virtual const Predictions* score(const RowBatch& batch, RowWorkspace& workspace) const = 0;
};

/// Null for a program that holds what only whole columns can compute: texts made of texts, look-ups, models by key.
[[nodiscard]] std::unique_ptr<RowProgram> makeRowProgram(const RowScorer& scorer);

}  // namespace cd4ml::score
