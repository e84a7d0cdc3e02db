/// Scores raw rows with a bundle: row checks, the scoring program, the model. One row in, one prediction out.
///
/// A row is bad when a non-null column is null, a closed category has another value, a field's check is false or its
/// computation fails. The first bad row fails the batch, or each bad row gives a null prediction and a reason.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/score/bundle.h"
#include "runtime/score/column_view.h"
#include "runtime/score/interpret.h"
#include "runtime/score/predict.h"

namespace cd4ml::score {

enum class OnError : std::uint8_t { Fail, Null };

struct BadRow {
  std::int64_t row = 0;
  std::string reason;  ///< "column `delay` is null", …
};

struct ScoredRows {
  Predictions predictions;      ///< of a bad row: unspecified
  std::vector<BadRow> bad;      ///< in row order
};

/// A bundle made ready to score; immutable and thread-safe.
class RowScorer {
 public:
  explicit RowScorer(Bundle bundle, std::shared_ptr<const LookupSnapshots> lookups = nullptr);
  ~RowScorer();
  RowScorer(RowScorer&&) noexcept;

  [[nodiscard]] const Bundle& bundle() const;
  [[nodiscard]] const Predictor& predictor() const;
  /// `columns` are bundle().program.inputs in order, of those kinds. With OnError::Fail a bad row is an Error (CD5603)
  /// that names `where`, the row (`first_row` + its place, counted from 1) and the reason.
  [[nodiscard]] Result<ScoredRows> score(std::span<const ColumnView> columns, std::int64_t rows, OnError on_error,
                                         int threads, const std::string& where, std::int64_t first_row = 0) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cd4ml::score
