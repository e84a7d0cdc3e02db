// Every kernel of the bit-sliced scorer against the walk, bit for bit, on random forests and rows at the edges of cuts.
#include "runtime/score/forest_slice.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "runtime/score/forest_check.h"

namespace cd4ml::score {
namespace {

using Random = std::mt19937_64;
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double edges[] = {0.0, -0.0, 1e-36, -1e-36, static_cast<double>(1e-35F), -static_cast<double>(1e-35F), 2e-35, 5e-324, -5e-324, infinity, -infinity,
                            std::numeric_limits<double>::quiet_NaN(), -1.0, -0.5, 1e300, 2147483647.0, 2147483648.0, 95.0, 96.0};

double randomValue(Random& random) {
  if (random() % 8 == 0) return edges[random() % std::size(edges)];
  return static_cast<double>(random() % 2000) / 16.0 - 30.0;
}

Split randomSplit(Forest& forest, Random& random) {
  Split split{.feature = static_cast<std::uint32_t>(random() % forest.features)};
  split.default_left = random() % 2 == 0;
  split.missing = static_cast<Missing>(random() % 3);
  split.categorical = random() % 4 == 0;
  if (split.categorical) {
    split.set_begin = static_cast<std::uint32_t>(forest.sets.size());
    for (auto words = random() % 4; words > 0; --words) forest.sets.push_back(static_cast<std::uint32_t>(random()));
    split.set_end = static_cast<std::uint32_t>(forest.sets.size());
    return split;
  }
  do split.threshold = randomValue(random);
  while (std::isnan(split.threshold));
  return split;
}

/// Leaves are split at random, so shapes run from chains to bushes.
Tree randomTree(Forest& forest, std::size_t leaves, Random& random) {
  Tree tree;
  std::vector<std::int32_t*> ends;
  tree.splits.reserve(leaves);
  for (std::size_t i = 0; i + 1 < leaves; ++i) {
    if (!ends.empty()) {
      const std::size_t pick = random() % ends.size();
      *ends[pick] = static_cast<std::int32_t>(i);
      ends.erase(ends.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    Split& split = tree.splits.emplace_back(randomSplit(forest, random));
    ends.push_back(&split.left);
    ends.push_back(&split.right);
  }
  for (std::size_t leaf = 0; leaf < ends.size(); ++leaf) *ends[leaf] = ~static_cast<std::int32_t>(leaf);
  for (std::size_t leaf = 0; leaf < leaves; ++leaf) tree.leaves.push_back(std::ldexp(static_cast<double>(random() % 100'003) - 50'000, -20) / 3.0);
  return tree;
}

Forest randomForest(std::uint32_t outputs, std::size_t rounds, std::size_t most_leaves, Random& random) {
  Forest forest{.features = 7, .outputs = outputs, .trees = {}, .sets = {}, .base = {}};
  for (std::uint32_t o = 0; o < outputs; ++o) forest.base.push_back(0.1 * o);
  for (std::size_t t = 0; t < rounds * outputs; ++t) forest.trees.push_back(randomTree(forest, 1 + random() % most_leaves, random));
  return forest;
}

std::vector<std::vector<double>> edgeRows(const Forest& forest, std::size_t rows, Random& random) {
  std::vector<double> cuts{0.0};
  for (const Tree& tree : forest.trees) {
    for (const Split& split : tree.splits) {
      if (!split.categorical) cuts.push_back(split.threshold);
    }
  }
  std::vector<std::vector<double>> columns(forest.features, std::vector<double>(rows + 64));
  for (auto& column : columns) {
    for (double& value : column) {
      value = cuts[random() % cuts.size()];
      const auto kind = random() % 6;
      if (kind == 0) value = std::nextafter(value, infinity);
      if (kind == 1) value = std::nextafter(value, -infinity);
      if (kind > 2) value = randomValue(random);
    }
  }
  return columns;
}

void expectBits(const ForestScorer& scorer, const Forest& forest, const std::vector<std::vector<double>>& columns, std::size_t rows) {
  std::vector<const double*> pointers;
  for (const auto& column : columns) pointers.push_back(column.data());
  std::vector<double> wanted(rows * forest.outputs);
  std::vector<double> scores(rows * forest.outputs + 1, -7.0);
  makeWalker(forest)->score(pointers, static_cast<std::int64_t>(rows), wanted.data());
  scorer.score(pointers, static_cast<std::int64_t>(rows), scores.data());
  EXPECT_EQ(std::memcmp(scores.data(), wanted.data(), wanted.size() * sizeof(double)), 0) << rows << " rows";
  EXPECT_EQ(scores.back(), -7.0) << "written beyond the end";
}

void expectWalkersBits(const ForestScorer& scorer, const Forest& forest, std::size_t rows, Random& random) {
  expectBits(scorer, forest, edgeRows(forest, rows, random), rows);
}

void expectEveryKernelWalks(const Forest& forest, std::span<const std::size_t> row_counts, Random& random) {
  ASSERT_EQ(verifyForest(forest), "");
  for (const SliceKernel* kernel : sliceKernels()) {
    SCOPED_TRACE(kernel->name);
    const auto scorer = makeSliceScorer(forest, *kernel);
    ASSERT_NE(scorer, nullptr);
    for (const std::size_t rows : row_counts) expectWalkersBits(*scorer, forest, rows, random);
  }
}

constexpr std::size_t all_row_counts[] = {0, 1, 2, 63, 64, 65, 127, 333, 511, 512, 513, 1000, 1025};
constexpr std::size_t few_row_counts[] = {1, 130, 1025};

TEST(ForestSlice, IsTheWalkToTheBit) {
  Random random(7);
  for (const std::uint32_t outputs : {1U, 3U}) {
    for (const std::size_t most_leaves : {1U, 2U, 31U, 64U, 127U, 256U, 300U}) {
      for (int repeat = 0; repeat < 4; ++repeat) expectEveryKernelWalks(randomForest(outputs, 20, most_leaves, random), all_row_counts, random);
    }
  }
}

TEST(ForestSlice, AForestWithoutTreesIsItsBase) {
  Random random(8);
  expectEveryKernelWalks({.features = 1, .outputs = 2, .trees = {}, .sets = {}, .base = {0.5, -0.25}}, few_row_counts, random);
}

/// Forests of one feature that has exactly `cuts` cuts.
Forest stumps(std::int32_t cuts, Missing missing, bool default_left) {
  Forest forest{.features = 1, .outputs = 1, .trees = {}, .sets = {}, .base = {0.0}};
  for (std::int32_t i = 0; i < cuts; ++i) {
    const Split split{.feature = 0, .default_left = default_left, .missing = missing, .threshold = static_cast<double>(i - cuts / 2), .left = ~0, .right = ~1};
    forest.trees.push_back({.splits = {split}, .leaves = {0.1, static_cast<double>(i) / 7.0}});
  }
  return forest;
}

TEST(ForestSlice, CountsAnyNumberOfCuts) {
  Random random(9);
  for (const std::int32_t cuts : {1, 7, 8, 9, 16, 17, 63, 64, 65, 254, 255, 256, 257, 1000}) {
    SCOPED_TRACE(cuts);
    for (const Missing missing : {Missing::None, Missing::Zero, Missing::NaN}) {
      expectEveryKernelWalks(stumps(cuts, missing, true), few_row_counts, random);
      expectEveryKernelWalks(stumps(cuts, missing, false), few_row_counts, random);
    }
  }
}

TEST(ForestSlice, FollowsDeepAndWideTrees) {
  Random random(10);
  for (const std::size_t leaves : {257U, 1000U, 4096U}) {
    Forest forest{.features = 7, .outputs = 1, .trees = {}, .sets = {}, .base = {0.0}};
    for (int t = 0; t < 3; ++t) forest.trees.push_back(randomTree(forest, leaves, random));
    Tree chain;
    for (std::size_t i = 0; i + 1 < leaves; ++i) {
      chain.splits.push_back({.feature = 3, .threshold = static_cast<double>(i) / 16.0 - 30.0, .left = ~static_cast<std::int32_t>(i),
                              .right = i + 2 == leaves ? ~static_cast<std::int32_t>(i + 1) : static_cast<std::int32_t>(i + 1)});
    }
    for (std::size_t i = 0; i < leaves; ++i) chain.leaves.push_back(static_cast<double>(i) / 3.0);
    forest.trees.push_back(chain);
    expectEveryKernelWalks(forest, few_row_counts, random);
  }
}

TEST(ForestSlice, LeavesTheLargestTreesToTheWalk) {
  Random random(11);
  Forest forest{.features = 7, .outputs = 1, .trees = {}, .sets = {}, .base = {0.0}};
  forest.trees.push_back(randomTree(forest, 4097, random));
  EXPECT_EQ(makeSliceScorer(forest, portable_kernel), nullptr);
  expectWalkersBits(*makeScorer(forest), forest, 700, random);
}

TEST(ForestSlice, LeavesHugeSetsToTheWalk) {
  Random random(12);
  Forest forest{.features = 7, .outputs = 1, .trees = {}, .sets = std::vector<std::uint32_t>(1U << 17U, 0x5555'5555), .base = {0.0}};
  const Split split{.feature = 2, .categorical = true, .set_begin = 0, .set_end = 1U << 17U, .left = ~0, .right = ~1};
  forest.trees.push_back({.splits = {split}, .leaves = {1.0, 2.0}});
  expectEveryKernelWalks(forest, few_row_counts, random);
  for (int t = 0; t < 64; ++t) forest.trees.push_back(forest.trees[0]);
  EXPECT_EQ(makeSliceScorer(forest, portable_kernel), nullptr);
  expectWalkersBits(*makeScorer(forest), forest, 700, random);
}

TEST(ForestSlice, HoldsSetsOfAnyNumberOfCodes) {
  Random random(14);
  for (const std::uint32_t words : {1U, 2U, 15U, 16U, 40U}) {
    SCOPED_TRACE(words);
    Forest forest{.features = 3, .outputs = 1, .trees = {}, .sets = {}, .base = {0.0}};
    for (int t = 0; t < 150; ++t) {
      Split split{.feature = 2, .categorical = true, .set_begin = static_cast<std::uint32_t>(forest.sets.size()), .left = ~0, .right = ~1};
      for (std::uint32_t w = t % 3 == 0 ? 1 : words; w > 0; --w) forest.sets.push_back(static_cast<std::uint32_t>(random()));
      split.set_end = static_cast<std::uint32_t>(forest.sets.size());
      forest.trees.push_back({.splits = {split}, .leaves = {0.1 * t, 2.0 / (t + 1)}});
    }
    auto codes = edgeRows(forest, 2000, random);
    for (double& code : codes[2]) {
      if (random() % 2 == 0) code = static_cast<double>(random() % (32 * words + 4)) + (random() % 4 == 0 ? 0.75 : 0.0);
    }
    expectEveryKernelWalks(forest, few_row_counts, random);
    for (const SliceKernel* kernel : sliceKernels()) expectBits(*makeSliceScorer(forest, *kernel), forest, codes, 2000);
  }
}

TEST(ForestSlice, AnyNumberOfRowsGivesTheSameBits) {
  Random random(13);
  const Forest forest = randomForest(2, 30, 31, random);
  const auto scorer = makeScorer(forest);
  for (std::size_t rows = 0; rows < 70; ++rows) expectWalkersBits(*scorer, forest, rows, random);
}

}  // namespace
}  // namespace cd4ml::score
