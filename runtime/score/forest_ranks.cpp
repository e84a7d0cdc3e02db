// Ranks a block of rows, then walks each tree for several rows at once, without branches on the data.
#include "runtime/score/forest_ranks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "runtime/score/forest_decide.h"

namespace cd4ml::score {

namespace {

constexpr std::size_t block_rows = 64;
constexpr std::size_t lanes = 16;  ///< rows in flight: enough to hide the latency of a step
constexpr std::size_t most_cuts = std::numeric_limits<std::uint16_t>::max();

/// Right child = next + 1. A leaf leads to itself: no rank exceeds its cut.
struct Node {
  std::uint16_t column = 0;
  std::uint16_t cut = most_cuts;
  std::uint32_t next = 0;
};

struct TestColumn {
  Split split;               ///< how the feature is read; its threshold and children mean nothing here
  std::vector<double> cuts;  ///< numeric: sorted, distinct
};

std::uint16_t countBelow(const std::vector<double>& cuts, double number) {
  const double* base = cuts.data();
  std::size_t left = cuts.size();
  while (left > 1) {
    const std::size_t half = left / 2;
    base += base[half - 1] < number ? half : 0;
    left -= half;
  }
  return static_cast<std::uint16_t>(base - cuts.data() + (*base < number ? 1 : 0));
}

std::uint16_t rankOf(const TestColumn& column, std::span<const std::uint32_t> sets, double value) {
  const Split& split = column.split;
  if (split.categorical) return setHolds(sets, split, value) ? 0 : 1;
  const auto by_default = static_cast<std::uint16_t>(split.default_left ? 0 : column.cuts.size());
  const bool nan = std::isnan(value);
  if (split.missing == Missing::NaN && nan) return by_default;
  const double number = nan || std::fabs(value) <= zero_width ? 0.0 : value;
  if (split.missing == Missing::Zero && number == 0.0) return by_default;
  return countBelow(column.cuts, number);
}

using ColumnKey = std::tuple<std::uint32_t, bool, bool, Missing, std::uint32_t, std::uint32_t>;

ColumnKey keyOf(const Split& split) {
  if (split.categorical) return {split.feature, true, false, Missing::None, split.set_begin, split.set_end};
  return {split.feature, false, split.missing != Missing::None && split.default_left, split.missing, 0, 0};
}

class RankScorer final : public ForestScorer {
 public:
  /// False: the forest does not fit.
  bool build(const Forest& forest) {
    sets_ = forest.sets;
    base_ = forest.base;
    if (!collectColumns(forest)) return false;
    std::size_t nodes = 0;
    for (const Tree& tree : forest.trees) nodes += tree.splits.size() + tree.leaves.size();
    if (nodes > std::numeric_limits<std::uint32_t>::max()) return false;
    nodes_.reserve(nodes);
    values_.reserve(nodes);
    for (const Tree& tree : forest.trees) addTree(tree);
    index_.clear();
    return true;
  }

  void score(ModelInput columns, std::int64_t rows, double* scores) const override {
    std::vector<std::uint16_t> ranks(std::max<std::size_t>(columns_.size(), 1) * block_rows);
    const auto total = static_cast<std::size_t>(rows);
    for (std::size_t begin = 0; begin < total; begin += block_rows) {
      const std::size_t count = std::min(block_rows, total - begin);
      rankBlock(columns, begin, count, ranks.data());
      std::size_t from = 0;
      for (; from + lanes <= count; from += lanes) scoreLanes<lanes>(ranks.data() + from, total, scores + begin + from);
      for (; from < count; ++from) scoreLanes<1>(ranks.data() + from, total, scores + begin + from);
    }
  }

 private:
  bool collectColumns(const Forest& forest) {
    for (const Tree& tree : forest.trees) {
      for (const Split& split : tree.splits) {
        const auto [found, fresh] = index_.try_emplace(keyOf(split), columns_.size());
        if (fresh) columns_.push_back({.split = split, .cuts = {}});
        if (!split.categorical) columns_[found->second].cuts.push_back(split.threshold);
      }
    }
    for (TestColumn& column : columns_) {
      std::sort(column.cuts.begin(), column.cuts.end());
      column.cuts.erase(std::unique(column.cuts.begin(), column.cuts.end()), column.cuts.end());
      if (column.cuts.size() > most_cuts) return false;
    }
    return columns_.size() <= most_cuts;
  }

  std::uint32_t addNode() {
    const auto index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back({.next = index});
    values_.push_back(0);
    return index;
  }

  void addTree(const Tree& tree) {
    roots_.push_back(addNode());
    std::vector<std::pair<std::int32_t, std::uint32_t>> open{{tree.splits.empty() ? ~0 : 0, roots_.back()}};
    while (!open.empty()) {
      const auto [from, to] = open.back();
      open.pop_back();
      if (from < 0) {
        values_[to] = tree.leaves[static_cast<std::size_t>(~from)];
        continue;
      }
      const Split& split = tree.splits[static_cast<std::size_t>(from)];
      const std::size_t column = index_.at(keyOf(split));
      const std::uint32_t left = addNode();
      const std::uint32_t right = addNode();
      const auto cut = split.categorical ? 0 : countBelow(columns_[column].cuts, split.threshold);
      nodes_[to] = {.column = static_cast<std::uint16_t>(column), .cut = static_cast<std::uint16_t>(cut), .next = left};
      open.emplace_back(split.right, right);
      open.emplace_back(split.left, left);
    }
  }

  void rankBlock(ModelInput columns, std::size_t begin, std::size_t count, std::uint16_t* ranks) const {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const double* values = columns[columns_[c].split.feature] + begin;
      for (std::size_t r = 0; r < count; ++r) ranks[c * block_rows + r] = rankOf(columns_[c], sets_, values[r]);
    }
  }

  template <std::size_t Lanes>
  void scoreLanes(const std::uint16_t* ranks, std::size_t rows, double* scores) const {
    const std::size_t outputs = base_.size();
    for (std::size_t o = 0; o < outputs; ++o) {
      std::array<double, Lanes> sums;
      sums.fill(base_[o]);
      for (std::size_t t = o; t < roots_.size(); t += outputs) addLeaves<Lanes>(roots_[t], ranks, sums);
      std::copy_n(sums.begin(), Lanes, scores + o * rows);
    }
  }

  template <std::size_t Lanes>
  void addLeaves(std::uint32_t root, const std::uint16_t* ranks, std::array<double, Lanes>& sums) const {
    std::array<std::uint32_t, Lanes> at;
    at.fill(root);
    std::uint32_t moved = 0;
    do {
      moved = 0;
      for (std::size_t lane = 0; lane < Lanes; ++lane) {
        const Node& node = nodes_[at[lane]];
        const std::uint32_t next = node.next + (ranks[node.column * block_rows + lane] > node.cut ? 1U : 0U);
        moved |= next ^ at[lane];
        at[lane] = next;
      }
    } while (moved != 0);
    for (std::size_t lane = 0; lane < Lanes; ++lane) sums[lane] += values_[at[lane]];
  }

  std::map<ColumnKey, std::size_t> index_;  ///< while building
  std::vector<TestColumn> columns_;
  std::vector<std::uint32_t> sets_;
  std::vector<double> base_;
  std::vector<std::uint32_t> roots_;
  std::vector<Node> nodes_;
  std::vector<double> values_;  ///< of the leaves, by node
};

}  // namespace

std::unique_ptr<ForestScorer> makeRankScorer(const Forest& forest) {
  auto scorer = std::make_unique<RankScorer>();
  if (!scorer->build(forest)) return nullptr;
  return scorer;
}

}  // namespace cd4ml::score
