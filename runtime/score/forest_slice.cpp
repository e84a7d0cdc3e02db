// Runs the bit-sliced scorer over blocks of rows.
#include "runtime/score/forest_slice.h"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "runtime/score/forest_muxes.h"
#include "runtime/score/forest_tests.h"

namespace cd4ml::score {

namespace {

struct alignas(64) Codes {
  std::uint8_t of[group_trees * block_rows];
};

class SliceScorer final : public ForestScorer {
 public:
  SliceScorer(const Forest& forest, ForestTests tests, const SliceKernel& kernel)
      : kernel_(kernel), tests_(std::move(tests)), program_(makeMuxes(forest, tests_, kernel.leaves)), base_(forest.base) {
    for (const CutTests& cuts : tests_.cuts) most_buckets_ = std::max(most_buckets_, cuts.count + 1);
    tests_.plane_of.clear();
  }

  void score(ModelInput columns, std::int64_t rows, double* scores) const override {
    Scratch scratch(*this);
    for (std::int64_t begin = 0; begin < rows; begin += block_rows) {
      const auto count = static_cast<std::uint32_t>(std::min<std::int64_t>(block_rows, rows - begin));
      scoreBlock(columns, begin, count, scratch);
      for (std::size_t o = 0; o < base_.size(); ++o) {
        putInOrder(scratch.sumsOf(o), count, scores + static_cast<std::int64_t>(o) * rows + begin);
      }
    }
  }

 private:
  /// What one thread works on.
  struct Scratch {
    explicit Scratch(const SliceScorer& scorer)
        : planes(std::make_unique_for_overwrite<Plane[]>(scorer.program_.planes)),
          sums(std::make_unique_for_overwrite<DoubleLine[]>(scorer.base_.size() * block_rows / 8)),
          buckets(scorer.most_buckets_) {
      std::memset(&planes[scorer.program_.zero], 0, sizeof(Plane));
      std::memset(&planes[scorer.program_.zero + 1], 0xFF, sizeof(Plane));
    }
    [[nodiscard]] double* sumsOf(std::size_t output) const { return sums[output * block_rows / 8].values; }

    std::unique_ptr<Plane[]> planes;
    std::unique_ptr<DoubleLine[]> sums;
    std::vector<std::uint64_t> buckets;
    DoubleLine tail[block_rows / 8]{};  ///< values of a feature, filled up to whole groups
    Codes codes{};
    Codes high_codes{};
  };

  /// Whole groups of a feature's values: in place, or copied where the rows end within a group.
  static const double* wholeGroups(const double* values, std::uint32_t count, Scratch& scratch) {
    if (count % group_rows == 0) return values;
    std::copy_n(values, count, scratch.tail[0].values);
    return scratch.tail[0].values;
  }

  void scoreBlock(ModelInput columns, std::int64_t begin, std::uint32_t count, Scratch& scratch) const {
    const std::uint32_t groups = (count + group_rows - 1) / group_rows;
    for (const CutTests& cuts : tests_.cuts) {
      const double* values = wholeGroups(columns[cuts.feature] + begin, count, scratch);
      kernel_.test_cuts(cuts, values, groups, scratch.buckets.data(), scratch.planes.get());
    }
    for (const SetTests& sets : tests_.sets) {
      kernel_.test_sets(sets, wholeGroups(columns[sets.feature] + begin, count, scratch), groups, scratch.planes.get());
    }
    for (std::size_t o = 0; o < base_.size(); ++o) std::fill_n(scratch.sumsOf(o), block_rows, base_[o]);
    for (const TreeGroup& group : program_.groups) addGroup(group, groups, scratch);
  }

  void addGroup(const TreeGroup& group, std::uint32_t groups, Scratch& scratch) const {
    kernel_.run_muxes(group.ops.data(), group.ops.size(), scratch.planes.get());
    const bool wide = group.table_size > 256;
    for (std::size_t t = 0; t < group.trees.size(); ++t) {
      const SlicedTree& tree = group.trees[t];
      kernel_.pack_codes(scratch.planes.get(), tree.planes.data(), std::min(tree.bits, 8U), groups, scratch.codes.of + t * block_rows);
      if (!wide) continue;
      kernel_.pack_codes(scratch.planes.get(), tree.planes.data() + 8, tree.bits - 8, groups, scratch.high_codes.of + t * block_rows);
    }
    double* sums = scratch.sumsOf(group.output);
    const double* leaves = group.leaves.data()->values;
    if (wide) addWideLeaves(group, groups, scratch, sums);
    else kernel_.add_leaves(scratch.codes.of, leaves, group.table_size, static_cast<std::uint32_t>(group.trees.size()), groups, sums);
  }

  void addWideLeaves(const TreeGroup& group, std::uint32_t groups, const Scratch& scratch, double* sums) const {
    const double* leaves = group.leaves.data()->values;
    for (std::size_t t = 0; t < group.trees.size(); ++t) {
      const double* table = leaves + t * group.table_size;
      for (std::uint32_t r = 0; r < groups * group_rows; ++r) {
        const std::uint32_t code = scratch.codes.of[t * block_rows + r] + 256U * scratch.high_codes.of[t * block_rows + r];
        sums[r / group_rows * group_rows + kernel_.places[r % group_rows]] += table[code];
      }
    }
  }

  void putInOrder(const double* sums, std::uint32_t count, double* out) const {
    for (std::uint32_t r = 0; r < count; ++r) out[r] = sums[r / group_rows * group_rows + kernel_.places[r % group_rows]];
  }

  const SliceKernel& kernel_;
  ForestTests tests_;
  MuxProgram program_;
  std::vector<double> base_;
  std::uint32_t most_buckets_ = 0;
};

}  // namespace

std::unique_ptr<ForestScorer> makeSliceScorer(const Forest& forest, const SliceKernel& kernel) {
  for (const Tree& tree : forest.trees) {
    if (tree.leaves.size() > most_leaves) return nullptr;
  }
  std::optional<ForestTests> tests = makeTests(forest);
  if (!tests) return nullptr;
  return std::make_unique<SliceScorer>(forest, std::move(*tests), kernel);
}

}  // namespace cd4ml::score
