// The kernel for AVX2: 32 bytes at a time.
#include "runtime/score/slice_kernel.h"

#if defined(__AVX2__)

#include <immintrin.h>

#include "runtime/score/slice_buckets.h"
#include "runtime/score/slice_sets.h"

namespace cd4ml::score {

namespace {

void testCuts(const CutTests& tests, const double* values, std::uint32_t groups, std::uint64_t* buckets, Plane* planes) {
  testCutsByBuckets(tests, values, groups, buckets, planes);
}

void testSets(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes) {
  testSetsBySquares(tests, values, groups, planes);
}

void runMuxes(const MuxOp* ops, std::size_t count, Plane* planes) {
  char* base = reinterpret_cast<char*>(planes);
  const auto half = [base](std::uint32_t offset, std::uint32_t h) { return reinterpret_cast<__m256i*>(base + offset) + h; };
  for (const MuxOp* op = ops; op != ops + count; ++op) {
    for (std::uint32_t h = 0; h < 2; ++h) {
      const __m256i test = _mm256_load_si256(half(op->test, h));
      const __m256i right = _mm256_load_si256(half(op->right, h));
      const __m256i left = _mm256_load_si256(half(op->left, h));
      _mm256_store_si256(half(op->out, h), _mm256_or_si256(_mm256_and_si256(test, right), _mm256_andnot_si256(test, left)));
    }
  }
}

void packCodes(const Plane* planes, const std::uint32_t* offsets, std::uint32_t bits, std::uint32_t groups, std::uint8_t* codes) {
  const char* base = reinterpret_cast<const char*>(planes);
  // Byte i of 32 gets the byte with its bit, then its bit alone.
  const __m256i spread = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
  const __m256i own_bit = _mm256_set1_epi64x(static_cast<long long>(0x8040201008040201));
  for (std::uint32_t h = 0; h < groups * 2; ++h) {
    __m256i code = _mm256_setzero_si256();
    for (std::uint32_t b = 0; b < bits; ++b) {
      const std::int32_t word = *reinterpret_cast<const std::int32_t*>(base + offsets[b] + 4 * h);
      const __m256i bit = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(word), spread), own_bit);
      code = _mm256_or_si256(code, _mm256_and_si256(_mm256_cmpeq_epi8(bit, own_bit), _mm256_set1_epi8(static_cast<char>(1U << b))));
    }
    _mm256_store_si256(reinterpret_cast<__m256i*>(codes) + h, code);
  }
}

void addLeaves(const std::uint8_t* codes, const double* leaves, std::uint32_t size, std::uint32_t trees, std::uint32_t groups, double* sums) {
  for (std::uint32_t r = 0; r < groups * group_rows; r += 16) {
    __m256d sum[4];
    for (int i = 0; i < 4; ++i) sum[i] = _mm256_load_pd(sums + r + 4 * i);
    for (std::uint32_t t = 0; t < trees; ++t) {
      const double* table = leaves + static_cast<std::size_t>(t) * size;
      const std::uint8_t* code = codes + static_cast<std::size_t>(t) * block_rows + r;
      for (int i = 0; i < 4; ++i) {
        const __m256d leaf = _mm256_setr_pd(table[code[4 * i]], table[code[4 * i + 1]], table[code[4 * i + 2]], table[code[4 * i + 3]]);
        sum[i] = _mm256_add_pd(sum[i], leaf);
      }
    }
    for (int i = 0; i < 4; ++i) _mm256_store_pd(sums + r + 4 * i, sum[i]);
  }
}

const SliceKernel kernel{.name = "avx2", .leaves = LeafLayout::Values, .least_rows = 24, .places = portable_kernel.places, .test_cuts = testCuts, .test_sets = testSets,
                         .run_muxes = runMuxes, .pack_codes = packCodes, .add_leaves = addLeaves};

}  // namespace

const SliceKernel* const avx2_kernel = &kernel;

}  // namespace cd4ml::score

#else

namespace cd4ml::score {
const SliceKernel* const avx2_kernel = nullptr;
}  // namespace cd4ml::score

#endif
