/// What a window holds while it slides: values come and go by their place in the folded rows of one series, and the
/// result can be read at any time. Each is a function of the set of values alone. Internal to window_fold.cpp.
#pragma once

#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include "runtime/data/column.h"
#include "runtime/data/exact_sum.h"

namespace cd4ml::data::window {

/// The result of one row: a number, or a folded row whose value it is.
struct Result {
  bool there = false;
  double number = 0;
  std::int64_t whole = 0;
  std::int32_t row = -1;
};

/// Values that are there.
class Count {
 public:
  void change(std::int64_t by) { count_ += by; }
  [[nodiscard]] Result result() const { return {.there = true, .number = 0, .whole = count_, .row = -1}; }

 private:
  std::int64_t count_ = 0;
};

/// Ranks with how often each is there: order statistics, the different ones, the most frequent one.
class RankCounts {
 public:
  explicit RankCounts(std::size_t ranks) {
    while (leaves_ < ranks) leaves_ *= 2;
    sums_.assign(2 * leaves_, 0);
    most_.assign(2 * leaves_, 0);
  }
  void change(std::int32_t rank, std::int32_t by) {
    std::size_t at = leaves_ + static_cast<std::size_t>(rank);
    const std::int32_t before = sums_[at];
    distinct_ += (before + by > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
    sums_[at] += by;
    most_[at] += by;
    for (at /= 2; at > 0; at /= 2) {
      sums_[at] += by;
      most_[at] = std::max(most_[2 * at], most_[2 * at + 1]);
    }
    total_ += by;
  }
  [[nodiscard]] std::int64_t total() const { return total_; }
  [[nodiscard]] std::int64_t distinct() const { return distinct_; }
  /// Rank of the k-th value, from 0.
  [[nodiscard]] std::int32_t at(std::int64_t k) const {
    std::size_t node = 1;
    while (node < leaves_) {
      node *= 2;
      if (k >= sums_[node]) k -= sums_[node++];
    }
    return static_cast<std::int32_t>(node - leaves_);
  }
  /// The most frequent rank, the least of several.
  [[nodiscard]] std::int32_t mode() const {
    std::size_t node = 1;
    while (node < leaves_) node = most_[2 * node] >= most_[2 * node + 1] ? 2 * node : 2 * node + 1;
    return static_cast<std::int32_t>(node - leaves_);
  }

 private:
  std::size_t leaves_ = 1;
  std::vector<std::int32_t> sums_;
  std::vector<std::int32_t> most_;
  std::int64_t total_ = 0;
  std::int64_t distinct_ = 0;
};

}  // namespace cd4ml::data::window
