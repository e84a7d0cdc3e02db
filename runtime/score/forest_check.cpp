#include "runtime/score/forest_check.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace cd4ml::score {

namespace {

std::string verifySplit(const Forest& forest, const Split& split) {
  if (split.feature >= forest.features) return fmt::format("feature {} of {}", split.feature, forest.features);
  if (split.categorical && (split.set_begin > split.set_end || split.set_end > forest.sets.size())) {
    return "a set beyond the sets there are";
  }
  if (!split.categorical && split.threshold != split.threshold) return "a threshold that is NaN";
  return {};
}

std::string verifyTree(const Forest& forest, const Tree& tree) {
  if (tree.leaves.size() != tree.splits.size() + 1) return "leaves and splits do not fit";
  std::vector<std::uint8_t> split_seen(tree.splits.size(), 0);
  std::vector<std::uint8_t> leaf_seen(tree.leaves.size(), 0);
  if (tree.splits.empty()) return {};
  split_seen[0] = 1;
  for (const Split& split : tree.splits) {
    if (std::string problem = verifySplit(forest, split); !problem.empty()) return problem;
    for (const std::int32_t child : {split.left, split.right}) {
      auto& seen = child >= 0 ? split_seen : leaf_seen;
      const auto index = static_cast<std::size_t>(child >= 0 ? child : ~child);
      if (index >= seen.size()) return "a child beyond the tree";
      if (std::exchange(seen[index], 1) != 0) return "a child with two parents";
    }
  }
  // Each of n splits and n + 1 leaves but the root has one parent and there are 2n children, so all were seen; what
  // may remain is a ring apart from the root, which a walk from the root finds.
  std::vector<std::int32_t> open{0};
  std::size_t reached = 0;
  while (!open.empty()) {
    const Split& split = tree.splits[static_cast<std::size_t>(open.back())];
    open.pop_back();
    ++reached;
    for (const std::int32_t child : {split.left, split.right}) {
      if (child >= 0) open.push_back(child);
    }
  }
  if (reached != tree.splits.size()) return "splits that the root does not reach";
  return {};
}

}  // namespace

std::string verifyForest(const Forest& forest) {
  if (forest.outputs == 0) return "no outputs";
  if (forest.base.size() != forest.outputs) return "base values and outputs do not fit";
  if (forest.trees.size() % forest.outputs != 0) return "trees and outputs do not fit";
  for (std::size_t t = 0; t < forest.trees.size(); ++t) {
    if (std::string problem = verifyTree(forest, forest.trees[t]); !problem.empty()) {
      return fmt::format("tree {}: {}", t, problem);
    }
  }
  return {};
}

std::uint32_t depthOf(const Tree& tree) {
  if (tree.splits.empty()) return 0;
  std::uint32_t deepest = 0;
  std::vector<std::pair<std::int32_t, std::uint32_t>> open{{0, 1}};
  while (!open.empty()) {
    const auto [index, depth] = open.back();
    open.pop_back();
    deepest = std::max(deepest, depth);
    const Split& split = tree.splits[static_cast<std::size_t>(index)];
    if (split.left >= 0) open.emplace_back(split.left, depth + 1);
    if (split.right >= 0) open.emplace_back(split.right, depth + 1);
  }
  return deepest;
}

}  // namespace cd4ml::score
