// Turns trees into selections between planes.
#include "runtime/score/forest_muxes.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace cd4ml::score {

namespace {

constexpr std::uint32_t plane_bytes = sizeof(Plane);
using Planes = std::array<std::uint32_t, most_code_bits>;

std::uint32_t grayOf(std::uint32_t index) { return index ^ (index >> 1U); }

std::uint32_t bitsFor(std::size_t leaves) { return static_cast<std::uint32_t>(std::bit_width(leaves - 1)); }

/// The selections of one tree, from the leaves up.
class TreeSlicer {
 public:
  /// Intermediate planes are numbered from `first_free` on.
  TreeSlicer(const Tree& tree, const std::vector<std::uint32_t>& plane_of, std::uint32_t zero, std::uint32_t first_free)
      : tree_(tree), plane_of_(plane_of), zero_(zero * plane_bytes), first_free_(first_free * plane_bytes), next_(first_free_) {
    sliced.bits = bitsFor(tree.leaves.size());
    by_code.assign(std::size_t{1} << sliced.bits, tree.leaves[0]);
    sliced.planes = slice(tree.splits.empty() ? ~0 : 0);
  }

  [[nodiscard]] std::uint32_t planesUsed() const { return (next_ - first_free_) / plane_bytes; }

  SlicedTree sliced;
  std::vector<MuxOp> ops;
  std::vector<double> by_code;

 private:
  Planes slice(std::int32_t node) {
    Planes out{};
    if (node < 0) {
      const std::uint32_t code = grayOf(next_leaf_++);
      by_code[code] = tree_.leaves[static_cast<std::size_t>(~node)];
      for (std::uint32_t b = 0; b < sliced.bits; ++b) out[b] = zero_ + ((code >> b) & 1U) * plane_bytes;
      return out;
    }
    const Split& split = tree_.splits[static_cast<std::size_t>(node)];
    const Planes left = slice(split.left);
    const Planes right = slice(split.right);
    const std::uint32_t test = plane_of_[static_cast<std::size_t>(node)] * plane_bytes;
    for (std::uint32_t b = 0; b < sliced.bits; ++b) out[b] = select(test, left[b], right[b]);
    return out;
  }

  std::uint32_t select(std::uint32_t test, std::uint32_t left, std::uint32_t right) {
    if (left == right) return left;  // constants alone: an intermediate plane has one reader
    if (left == zero_ && right == zero_ + plane_bytes) return test;
    release(left);
    release(right);
    const std::uint32_t out = take();
    ops.push_back({.out = out, .test = test, .right = right, .left = left});
    return out;
  }

  void release(std::uint32_t plane) {
    if (plane >= first_free_) free_.push_back(plane);
  }

  std::uint32_t take() {
    if (free_.empty()) return std::exchange(next_, next_ + plane_bytes);
    const std::uint32_t plane = free_.back();
    free_.pop_back();
    return plane;
  }

  const Tree& tree_;
  const std::vector<std::uint32_t>& plane_of_;
  std::uint32_t zero_;
  std::uint32_t first_free_;
  std::uint32_t next_;
  std::uint32_t next_leaf_ = 0;
  std::vector<std::uint32_t> free_;
};

/// One operation of each tree in turn.
std::vector<MuxOp> alternate(const std::vector<TreeSlicer>& trees) {
  std::vector<MuxOp> ops;
  std::size_t longest = 0;
  for (const TreeSlicer& tree : trees) longest = std::max(longest, tree.ops.size());
  for (std::size_t i = 0; i < longest; ++i) {
    for (const TreeSlicer& tree : trees) {
      if (i < tree.ops.size()) ops.push_back(tree.ops[i]);
    }
  }
  return ops;
}

std::uint32_t tableSize(std::uint32_t bits) { return std::max(64U, 1U << bits); }

/// Writes values by code in the layout; what no code names repeats the values before.
void layOut(const std::vector<double>& by_code, std::uint32_t size, LeafLayout layout, double* to) {
  std::vector<double> table(size);
  for (std::size_t i = 0; i < size; ++i) table[i] = by_code[i % by_code.size()];
  switch (layout) {
    case LeafLayout::Values: std::copy(table.begin(), table.end(), to); break;
    case LeafLayout::BytePlanes: {
      auto* bytes = reinterpret_cast<unsigned char*>(to);
      const auto* from = reinterpret_cast<const unsigned char*>(table.data());
      for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t b = 0; b < sizeof(double); ++b) bytes[b * size + i] = from[i * sizeof(double) + b];
      }
      break;
    }
  }
}

class Builder {
 public:
  Builder(const Forest& forest, const ForestTests& tests, LeafLayout layout) : forest_(forest), tests_(tests), layout_(layout) {
    program_.zero = tests.planes;
    program_.planes = tests.planes + 2;
  }

  MuxProgram build() {
    for (std::uint32_t o = 0; o < forest_.outputs; ++o) {
      std::vector<std::size_t> trees;
      for (std::size_t t = o; t < forest_.trees.size(); t += forest_.outputs) {
        const bool full = trees.size() == group_trees;
        if (full || (!trees.empty() && wide(trees[0]) != wide(t))) addGroup(o, trees);
        trees.push_back(t);
      }
      if (!trees.empty()) addGroup(o, trees);
    }
    return std::move(program_);
  }

 private:
  /// Its codes have two bytes.
  [[nodiscard]] bool wide(std::size_t tree) const { return forest_.trees[tree].leaves.size() > 256; }

  void addGroup(std::uint32_t output, std::vector<std::size_t>& trees) {
    std::vector<TreeSlicer> slicers;
    slicers.reserve(trees.size());
    TreeGroup& group = program_.groups.emplace_back();
    group.output = output;
    std::uint32_t first_free = program_.zero + 2;
    for (const std::size_t t : trees) {
      const TreeSlicer& slicer = slicers.emplace_back(forest_.trees[t], tests_.plane_of[t], program_.zero, first_free);
      first_free += slicer.planesUsed();
      group.table_size = std::max(group.table_size, tableSize(slicer.sliced.bits));
      group.trees.push_back(slicer.sliced);
    }
    program_.planes = std::max(program_.planes, first_free);
    group.ops = alternate(slicers);
    group.leaves.resize(trees.size() * group.table_size / 8);
    for (std::size_t i = 0; i < trees.size(); ++i) {
      layOut(slicers[i].by_code, group.table_size, wide(trees[0]) ? LeafLayout::Values : layout_, group.leaves.data()->values + i * group.table_size);
    }
    trees.clear();
  }

  const Forest& forest_;
  const ForestTests& tests_;
  LeafLayout layout_;
  MuxProgram program_;
};

}  // namespace

MuxProgram makeMuxes(const Forest& forest, const ForestTests& tests, LeafLayout layout) { return Builder(forest, tests, layout).build(); }

}  // namespace cd4ml::score
