/// The aggregate of one series' window while it moves: values enter and leave, the result is that of what is inside.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/data/column.h"
#include "runtime/data/window_accumulators.h"

namespace cd4ml::data {

enum class ZeroSign : std::uint8_t { Kept, Ignored };  ///< whether -0.0 and 0.0 are two values
/// Equal values have equal numbers, and smaller ones smaller numbers (texts apart, which have no order).
[[nodiscard]] std::vector<std::int64_t> orderedNumbers(const Column& column, std::span<const std::int32_t> rows, ZeroSign zeros);

class SeriesFold {
 public:
  /// `rows[i]` is the row of `argument` at place i; an argument of no type stands for rows themselves.
  SeriesFold(const ir::Window& window, const Column& argument, std::span<const std::int32_t> rows);

  /// The value at place `at` enters (1) or leaves (-1).
  void change(std::size_t at, int by);
  /// False: the sum does not fit.
  bool result(window::Result& out);

 private:
  enum class Aggregate : std::uint8_t { Count, Distinct, Sum, Mean, Std, Var, Min, Max, Mode, Quantile };
  static Aggregate aggregateOf(const ir::Window& window);
  [[nodiscard]] bool isMoment() const { return aggregate_ >= Aggregate::Sum && aggregate_ <= Aggregate::Var; }
  [[nodiscard]] bool isSpread() const { return aggregate_ == Aggregate::Std || aggregate_ == Aggregate::Var; }
  [[nodiscard]] double momentResult(std::int64_t count);
  void makeRanks();
  void rankResult(window::Result& out) const;
  [[nodiscard]] double quantile() const;
  /// A row of the argument whose value has this place among those inside.
  [[nodiscard]] std::int32_t rowAt(std::int64_t place) const { return row_of_rank_[static_cast<std::size_t>(ranks_.at(place))]; }

  Aggregate aggregate_;
  double share_ = 0.5;  ///< of a quantile
  const Column& argument_;
  std::span<const std::int32_t> rows_;
  score::ColumnView view_;
  bool counts_rows_;
  bool is_whole_sum_ = false;
  window::Count count_;
  __int128 whole_ = 0;
  std::optional<ExactMoments> moments_;
  std::vector<std::int32_t> rank_of_;      ///< by place; -1: null or NaN
  std::vector<std::int32_t> row_of_rank_;  ///< a row of the argument that has it
  window::RankCounts ranks_;
  std::int64_t nans_ = 0;
  std::int32_t nan_row_ = -1;
};

}  // namespace cd4ml::data
