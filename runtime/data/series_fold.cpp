#include "runtime/data/series_fold.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/internal_check.h"

namespace cd4ml::data {

std::vector<std::int64_t> orderedNumbers(const Column& column, std::span<const std::int32_t> rows, ZeroSign zeros) {
  const score::ColumnView view = column.view();
  std::vector<std::int64_t> numbers(rows.size(), 0);
  std::unordered_map<std::string_view, std::int64_t> texts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::int32_t r = rows[i];
    if (!view.isValid(r)) continue;
    switch (view.kind) {
      case ir::Kind::Bool: numbers[i] = view.bools()[r]; break;
      case ir::Kind::Category: numbers[i] = view.codes()[r]; break;
      case ir::Kind::Text: numbers[i] = texts.emplace(view.text(r), static_cast<std::int64_t>(texts.size())).first->second; break;
      case ir::Kind::Float: {
        const double value = std::isnan(view.floats()[r]) ? std::nan("") : zeros == ZeroSign::Ignored ? view.floats()[r] + 0.0 : view.floats()[r];
        const auto bits = std::bit_cast<std::int64_t>(value);
        numbers[i] = bits < 0 ? INT64_MIN - bits - 1 : bits;  // the order of the doubles, -0.0 before 0.0
        break;
      }
      case ir::Kind::Int:
      case ir::Kind::Date:
      case ir::Kind::Timestamp:
      case ir::Kind::Duration: numbers[i] = view.ints()[r]; break;
      case ir::Kind::Error:
      case ir::Kind::Null:
      case ir::Kind::Vector: CD4ML_UNREACHABLE("a window folds single values");
    }
  }
  return numbers;
}

SeriesFold::Aggregate SeriesFold::aggregateOf(const ir::Window& window) {
  constexpr std::array<std::pair<std::string_view, Aggregate>, 11> names{{
      {"count", Aggregate::Count}, {"n_unique", Aggregate::Distinct}, {"sum", Aggregate::Sum}, {"mean", Aggregate::Mean},
      {"std", Aggregate::Std}, {"var", Aggregate::Var}, {"min", Aggregate::Min}, {"max", Aggregate::Max},
      {"mode", Aggregate::Mode}, {"median", Aggregate::Quantile}, {"quantile", Aggregate::Quantile}}};
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.first == window.aggregate; });
  CD4ML_CHECK(found != names.end());
  return found->second;
}

SeriesFold::SeriesFold(const ir::Window& window, const Column& argument, std::span<const std::int32_t> rows)
    : aggregate_(aggregateOf(window)), argument_(argument), rows_(rows), view_(argument.view()),
      counts_rows_(argument.type.isError()), ranks_(1) {
  is_whole_sum_ = aggregate_ == Aggregate::Sum && window.type.kind != ir::Kind::Float;
  if (window.aggregate == "quantile") share_ = std::get<double>(window.options[0].value);
  if (isMoment() && !is_whole_sum_) moments_.emplace(isSpread() ? ExactMoments::Keep::SumAndSquares : ExactMoments::Keep::Sum);
  if (aggregate_ != Aggregate::Count && !isMoment()) makeRanks();
}

void SeriesFold::change(std::size_t at, int by) {
  if (counts_rows_) return count_.change(by);
  const std::int32_t row = rows_[at];
  if (!view_.isValid(row)) return;
  count_.change(by);
  if (is_whole_sum_) whole_ += static_cast<__int128>(view_.ints()[row]) * by;
  else if (moments_ && by > 0) moments_->add(view_.floats()[row]);
  else if (moments_) moments_->remove(view_.floats()[row]);
  else if (!rank_of_.empty() && rank_of_[at] >= 0) ranks_.change(rank_of_[at], by);
  else if (!rank_of_.empty()) nans_ += by;
}

bool SeriesFold::result(window::Result& out) {
  out = {};
  if (aggregate_ == Aggregate::Count) {
    out = count_.result();
    return true;
  }
  if (aggregate_ == Aggregate::Distinct) {
    out.there = true;
    out.whole = ranks_.distinct() + (nans_ > 0 ? 1 : 0);
    return true;
  }
  const std::int64_t count = count_.result().whole;
  if (count < (isSpread() ? 2 : 1)) return true;
  out.there = true;
  if (is_whole_sum_) {
    out.whole = static_cast<std::int64_t>(whole_);
    return whole_ >= INT64_MIN && whole_ <= INT64_MAX;
  }
  if (moments_) {
    out.number = momentResult(count);
    return true;
  }
  rankResult(out);
  return true;
}

double SeriesFold::momentResult(std::int64_t count) {
  if (aggregate_ == Aggregate::Sum) return moments_->sum();
  if (aggregate_ == Aggregate::Mean) return moments_->sum() / static_cast<double>(count);
  const double variance = moments_->variance();
  return aggregate_ == Aggregate::Std ? std::sqrt(variance) : variance;
}

void SeriesFold::makeRanks() {
  std::vector<std::int64_t> numbers = orderedNumbers(argument_, rows_, aggregate_ == Aggregate::Distinct ? ZeroSign::Ignored : ZeroSign::Kept);
  const auto isNan = [&](std::size_t i) { return view_.kind == ir::Kind::Float && std::isnan(view_.floats()[rows_[i]]); };
  std::vector<std::size_t> order;
  rank_of_.assign(rows_.size(), -1);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (!view_.isValid(rows_[i])) continue;
    if (isNan(i)) nan_row_ = rows_[i];
    else order.push_back(i);
  }
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return numbers[a] < numbers[b]; });
  for (std::size_t k = 0; k < order.size(); ++k) {
    if (k == 0 || numbers[order[k]] != numbers[order[k - 1]]) row_of_rank_.push_back(rows_[order[k]]);
    rank_of_[order[k]] = static_cast<std::int32_t>(row_of_rank_.size()) - 1;
  }
  ranks_ = window::RankCounts(std::max<std::size_t>(row_of_rank_.size(), 1));
}

void SeriesFold::rankResult(window::Result& out) const {
  if (nans_ > 0) {
    out.row = nan_row_;
    out.number = std::nan("");
    return;
  }
  switch (aggregate_) {
    case Aggregate::Min: out.row = rowAt(0); break;
    case Aggregate::Max: out.row = rowAt(ranks_.total() - 1); break;
    case Aggregate::Mode: out.row = row_of_rank_[static_cast<std::size_t>(ranks_.mode())]; break;
    case Aggregate::Quantile: out.number = quantile(); break;
    case Aggregate::Count:
    case Aggregate::Distinct:
    case Aggregate::Sum:
    case Aggregate::Mean:
    case Aggregate::Std:
    case Aggregate::Var: CD4ML_UNREACHABLE("these have no ranks, or are not asked for one");
  }
}

/// Linear between neighbours: type 7 of Hyndman and Fan (1996).
double SeriesFold::quantile() const {
  const double place = share_ * static_cast<double>(ranks_.total() - 1);
  const auto below = static_cast<std::int64_t>(std::floor(place));
  const double weight = place - std::floor(place);
  const double low = view_.floats()[rowAt(below)];
  const double high = view_.floats()[rowAt(std::min(below + 1, ranks_.total() - 1))];
  return weight == 0 ? low : low + (high - low) * weight;
}

}  // namespace cd4ml::data
