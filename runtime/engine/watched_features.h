/// What a model sees and says of raw rows, for monitoring: features computed by the bundle's own program, predictions by
/// its model, so that what is watched is what is served.
#pragma once

#include <string>
#include <vector>

#include "runtime/data/column.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::engine {

struct WatchedColumn {
  std::string name;
  data::Column column;
};

struct WatchedModel {
  std::vector<std::int32_t> good;          ///< rows that can be scored, rising; the columns below hold just these
  std::vector<score::BadRow> bad;
  std::vector<WatchedColumn> features;     ///< in the model's order; of a vector feature one column an element, `f[0]` …
  std::vector<WatchedColumn> predictions;  ///< prediction, probability
  score::Predictions scores;               ///< of the good rows
};

/// Elements of a vector feature that are watched; a wider one is watched in its first ones.
constexpr std::uint32_t watched_elements = 64;

/// `raw`: the bundle's inputs in order.
[[nodiscard]] Result<WatchedModel> watchModel(const score::RowScorer& scorer, const score::LookupSnapshots* lookups,
                                              const std::vector<data::Column>& raw, std::int64_t rows, int threads);

/// The predictions of the rows at `rows`.
[[nodiscard]] score::Predictions selectPredictions(const score::Predictions& all, const std::vector<std::int32_t>& rows);

/// A computed value in pieces of `piece` rows, as one column.
[[nodiscard]] data::Column joinBlocks(const std::vector<score::ColumnView>& pieces);

}  // namespace cd4ml::engine
