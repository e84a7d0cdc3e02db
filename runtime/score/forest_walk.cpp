// The plain walk over the splits as they are written: slow, obvious, the oracle of all other scorers.
#include <algorithm>

#include "runtime/score/forest.h"
#include "runtime/score/forest_decide.h"

namespace cd4ml::score {

namespace {

class Walker final : public ForestScorer {
 public:
  explicit Walker(Forest forest) : forest_(std::move(forest)) {}

  void score(ModelInput columns, std::int64_t rows, double* scores) const override {
    // Tree by tree over the rows, so that a tree stays in the cache; each row still adds its leaves in tree order.
    for (std::uint32_t o = 0; o < forest_.outputs; ++o) {
      double* out = scores + static_cast<std::int64_t>(o) * rows;
      std::fill_n(out, rows, forest_.base[o]);
      for (std::size_t t = o; t < forest_.trees.size(); t += forest_.outputs) {
        for (std::int64_t r = 0; r < rows; ++r) out[r] += leafOf(forest_.trees[t], columns, r);
      }
    }
  }

 private:
  double leafOf(const Tree& tree, ModelInput columns, std::int64_t row) const {
    std::int32_t node = tree.splits.empty() ? ~0 : 0;
    while (node >= 0) {
      const Split& split = tree.splits[static_cast<std::size_t>(node)];
      node = goesLeft(split, forest_.sets, columns[split.feature][row]) ? split.left : split.right;
    }
    return tree.leaves[static_cast<std::size_t>(~node)];
  }

  Forest forest_;
};

}  // namespace

std::unique_ptr<ForestScorer> makeWalker(const Forest& forest) { return std::make_unique<Walker>(forest); }

}  // namespace cd4ml::score
