// The kernel in plain C++: any CPU, and the measure of the others.
#include <cstring>

#include "runtime/score/slice_buckets.h"
#include "runtime/score/slice_kernel.h"
#include "runtime/score/slice_sets.h"

namespace cd4ml::score {

namespace {

const Plane& planeAt(const Plane* planes, std::uint32_t offset) { return planes[offset / sizeof(Plane)]; }

void testCuts(const CutTests& tests, const double* values, std::uint32_t groups, std::uint64_t* buckets, Plane* planes) {
  testCutsByBuckets(tests, values, groups, buckets, planes);
}

void testSets(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes) {
  testSetsBySquares(tests, values, groups, planes);
}

void runMuxes(const MuxOp* ops, std::size_t count, Plane* planes) {
  for (std::size_t i = 0; i < count; ++i) {
    const Plane test = planeAt(planes, ops[i].test);
    const Plane right = planeAt(planes, ops[i].right);
    const Plane left = planeAt(planes, ops[i].left);
    Plane out;
    for (std::uint32_t w = 0; w < block_groups; ++w) out.words[w] = left.words[w] ^ (test.words[w] & (left.words[w] ^ right.words[w]));
    planes[ops[i].out / sizeof(Plane)] = out;
  }
}

/// Bit c of byte r becomes bit r of byte c (Warren, Hacker's Delight, 7-3).
std::uint64_t transposeBits(std::uint64_t x) {
  const auto swap = [&x](unsigned distance, std::uint64_t mask) {
    const std::uint64_t t = (x ^ (x >> distance)) & mask;
    x ^= t ^ (t << distance);
  };
  swap(7, 0x00AA00AA00AA00AA);
  swap(14, 0x0000CCCC0000CCCC);
  swap(28, 0x00000000F0F0F0F0);
  return x;
}

void packCodes(const Plane* planes, const std::uint32_t* offsets, std::uint32_t bits, std::uint32_t groups, std::uint8_t* codes) {
  for (std::uint32_t g = 0; g < groups; ++g) {
    std::uint64_t words[8] = {};
    for (std::uint32_t b = 0; b < bits; ++b) words[b] = planeAt(planes, offsets[b]).words[g];
    for (std::uint32_t eight = 0; eight < 8; ++eight) {
      std::uint64_t square = 0;
      for (std::uint32_t b = 0; b < bits; ++b) square |= ((words[b] >> (8 * eight)) & 0xFF) << (8 * b);
      square = transposeBits(square);
      for (std::uint32_t r = 0; r < 8; ++r) codes[g * group_rows + 8 * eight + r] = static_cast<std::uint8_t>(square >> (8 * r));
    }
  }
}

void addLeaves(const std::uint8_t* codes, const double* leaves, std::uint32_t size, std::uint32_t trees, std::uint32_t groups, double* sums) {
  for (std::uint32_t t = 0; t < trees; ++t) {
    for (std::uint32_t r = 0; r < groups * group_rows; ++r) sums[r] += leaves[codes[r]];
    codes += block_rows;
    leaves += size;
  }
}

struct Places {
  std::uint8_t of[group_rows];
};

constexpr Places inOrder() {
  Places places{};
  for (std::uint32_t i = 0; i < group_rows; ++i) places.of[i] = static_cast<std::uint8_t>(i);
  return places;
}

constexpr Places places = inOrder();

}  // namespace

const SliceKernel portable_kernel{.name = "portable", .leaves = LeafLayout::Values, .least_rows = 32, .places = places.of, .test_cuts = testCuts, .test_sets = testSets,
                                  .run_muxes = runMuxes, .pack_codes = packCodes, .add_leaves = addLeaves};

}  // namespace cd4ml::score
