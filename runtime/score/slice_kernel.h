/// The steps of the bit-sliced scorer that each instruction set does in its own way, on plain memory.
///
/// Rows come in blocks of 512. A plane holds one bit of each row: the outcome of a test, or one bit of a leaf's code.
/// Tests are evaluated once a block, however many splits ask them; a tree is then a few selections between planes.
/// The idea that tests become masks and a leaf is found by logic alone is QuickScorer's (Lucchese et al., SIGIR 2015).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cd4ml::score {

inline constexpr std::uint32_t block_rows = 512;
inline constexpr std::uint32_t group_rows = 64;  ///< a block may hold fewer rows, in whole groups
inline constexpr std::uint32_t block_groups = block_rows / group_rows;

/// Bit i of words[g] belongs to row 64 g + i.
struct alignas(64) Plane {
  std::uint64_t words[block_groups];
};

/// The tests `value > cut` of one feature, read in one way. Test k is plane first_plane + k: does the row go right?
///
/// What counts as special (NaN, or what is no further from 0 than special_width) has special_rank cuts below it.
struct CutTests {
  std::uint32_t feature = 0;
  std::uint32_t first_plane = 0;
  std::uint32_t count = 0;
  std::uint32_t special_rank = 0;
  double special_width = -1;       ///< -1: NaN alone is special
  /// Ascending, 64-byte aligned, padded with infinity: to 16, 64 or 256 where that is enough.
  const double* cuts = nullptr;
  /// 17 to 64 cuts: 8, the last of each 8 cuts; 65 to 256: 16, the last of each 16 cuts; 64-byte aligned.
  const double* pivots = nullptr;
};

/// The tests `the set does not hold the code` of one feature. Test t is plane first_plane + t.
struct SetTests {
  std::uint32_t feature = 0;
  std::uint32_t first_plane = 0;
  std::uint32_t count = 0;
  std::uint32_t codes = 0;              ///< codes that some set may hold: [0, codes); any other value is code `codes`
  std::uint32_t words = 0;              ///< 64-bit words a code
  const std::uint64_t* rights = nullptr;  ///< bit t of rights[code * words…]: a row of this code goes right in test t
  /// 64-byte aligned bits by code, 64 bytes a test: a row of this code goes right. Null where there are more codes than
  /// most_byte_codes; what follows codes is all ones.
  const std::uint8_t* rights_by_test = nullptr;
};
inline constexpr std::uint32_t most_byte_codes = 504;

/// out = test ? right : left, a plane each; offsets in bytes from the first plane.
struct MuxOp {
  std::uint32_t out = 0;
  std::uint32_t test = 0;
  std::uint32_t right = 0;
  std::uint32_t left = 0;
};

/// How a kernel wants the leaves of trees with codes of one byte, `size` (64, 128 or 256) a tree.
enum class LeafLayout : std::uint8_t {
  Values,      ///< the values by code
  BytePlanes,  ///< the first bytes of all values by code, then the second bytes, …
};

struct SliceKernel {
  const char* name;
  LeafLayout leaves;
  std::uint32_t least_rows;  ///< with fewer rows the walk is as fast (bench/scoring on flights)
  /// Place of the i-th row of a group among the 64 sums of its group.
  const std::uint8_t* places;
  /// `values` holds `groups` whole groups; `buckets` is scratch of count + 1 words.
  /// Writes planes [first_plane, first_plane + count).
  void (*test_cuts)(const CutTests& tests, const double* values, std::uint32_t groups, std::uint64_t* buckets, Plane* planes);
  void (*test_sets)(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes);
  void (*run_muxes)(const MuxOp* ops, std::size_t count, Plane* planes);
  /// codes[r]: bit b is the row's bit in the plane at offsets[b], for b < bits <= 8.
  void (*pack_codes)(const Plane* planes, const std::uint32_t* offsets, std::uint32_t bits, std::uint32_t groups, std::uint8_t* codes);
  /// Adds to the sums the leaves of `trees` trees, one after the other. Tree t: codes[512 t…], leaves[size t…].
  void (*add_leaves)(const std::uint8_t* codes, const double* leaves, std::uint32_t size, std::uint32_t trees, std::uint32_t groups, double* sums);
};

/// The kernels that this CPU can run, fastest first; the last is the portable one.
[[nodiscard]] std::span<const SliceKernel* const> sliceKernels();

/// Each defined in its own file, compiled for its instruction set; null where the target has no such instructions.
extern const SliceKernel* const avx512_kernel;
extern const SliceKernel* const avx2_kernel;
extern const SliceKernel portable_kernel;

}  // namespace cd4ml::score
