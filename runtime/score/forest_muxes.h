/// The trees of a forest as selections between planes: from the tests of a row to the codes of its leaves.
///
/// Leaves are numbered from left to right in Gray code: neighbours differ in one bit, so most bits of a code are decided
/// high up in the tree. Operations of several trees alternate, so that none waits for the one before.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "runtime/score/forest.h"
#include "runtime/score/forest_tests.h"
#include "runtime/score/slice_kernel.h"

namespace cd4ml::score {

inline constexpr std::size_t most_leaves = 4096;  ///< beyond, selections cost more than the walk
inline constexpr std::uint32_t most_code_bits = 12;
inline constexpr std::size_t group_trees = 8;

struct SlicedTree {
  std::uint32_t bits = 0;                            ///< of its leaves' codes
  std::array<std::uint32_t, most_code_bits> planes{};  ///< offsets of the planes with these bits
};

/// Up to group_trees trees of one output. What runs `ops` is the place for code emitted for this very group.
struct TreeGroup {
  std::vector<MuxOp> ops;
  std::vector<SlicedTree> trees;
  std::uint32_t output = 0;
  std::uint32_t table_size = 64;       ///< values a tree in `leaves`: 64, 128 or 256; more: codes of two bytes
  std::vector<DoubleLine> leaves;      ///< leaf values by code; in the kernel's layout for codes of one byte
};

struct MuxProgram {
  std::uint32_t planes = 0;            ///< tests, the planes of only zeros and only ones, and intermediate ones
  std::uint32_t zero = 0;              ///< index of the plane of zeros; ones is the next
  std::vector<TreeGroup> groups;       ///< the trees of an output in their order
};

/// Every tree has at most most_leaves leaves.
[[nodiscard]] MuxProgram makeMuxes(const Forest& forest, const ForestTests& tests, LeafLayout layout);

}  // namespace cd4ml::score
