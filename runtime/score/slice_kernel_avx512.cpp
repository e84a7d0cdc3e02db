// The kernel for AVX-512 with byte permutations and GF(2) products: a plane is one register.
#include "runtime/score/slice_kernel.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__AVX512VBMI__) && defined(__GFNI__)

#include <immintrin.h>

#include "runtime/score/slice_buckets.h"
#include "runtime/score/slice_sets.h"

namespace cd4ml::score {

namespace {

using Vector = __m512i;

const char* bytesOf(const Plane* planes) { return reinterpret_cast<const char*>(planes); }
Vector loadPlane(const char* base, std::uint32_t offset) { return _mm512_load_si512(base + offset); }

// ---- tests

std::uint32_t countBelow8(const double* cuts, __m512d value) {
  return static_cast<std::uint32_t>(_mm_popcnt_u32(_mm512_cmp_pd_mask(_mm512_load_pd(cuts), value, _CMP_LT_OQ)));
}

std::uint32_t countBelow16(const double* cuts, __m512d value) {
  const __mmask8 low = _mm512_cmp_pd_mask(_mm512_load_pd(cuts), value, _CMP_LT_OQ);
  const __mmask8 high = _mm512_cmp_pd_mask(_mm512_load_pd(cuts + 8), value, _CMP_LT_OQ);
  return static_cast<std::uint32_t>(_mm_popcnt_u32(_mm512_kunpackb(high, low)));
}

/// Counting among the last cuts of each part finds the part.
template <int Cuts>
std::uint32_t countBelow(const CutTests& tests, double number) {
  const __m512d value = _mm512_set1_pd(number);
  if constexpr (Cuts == 8) return countBelow8(tests.cuts, value);
  if constexpr (Cuts == 16) return countBelow16(tests.cuts, value);
  if constexpr (Cuts == 64) {
    const std::uint32_t part = 8 * countBelow8(tests.pivots, value);
    return part + countBelow8(tests.cuts + part, value);
  }
  if constexpr (Cuts == 256) {
    const std::uint32_t part = 16 * countBelow16(tests.pivots, value);
    return part + countBelow16(tests.cuts + part, value);
  }
}

__mmask64 specialsOf(const CutTests& tests, const double* values) {
  const __m512d width = _mm512_set1_pd(tests.special_width);
  std::uint64_t special = 0;
  for (std::uint32_t i = 0; i < 8; ++i) {
    const __m512d size = _mm512_abs_pd(_mm512_loadu_pd(values + 8 * i));
    special |= static_cast<std::uint64_t>(_mm512_cmp_pd_mask(size, width, _CMP_NGT_UQ)) << (8 * i);
  }
  return special;
}

template <int Cuts>
void rankValues(const CutTests& tests, const double* values, std::uint32_t groups, std::uint8_t* ranks) {
  for (std::uint32_t r = 0; r < groups * group_rows; ++r) ranks[r] = static_cast<std::uint8_t>(countBelow<Cuts>(tests, values[r]));
}

void compareRanks(const CutTests& tests, const std::uint8_t* ranks, std::uint32_t groups, Plane* planes) {
  Vector rank[block_groups];
  for (std::uint32_t g = 0; g < groups; ++g) rank[g] = _mm512_load_si512(ranks + g * group_rows);
  Plane* plane = planes + tests.first_plane;
  for (std::uint32_t k = 0; k < tests.count; ++k, ++plane) {
    const Vector cut = _mm512_set1_epi8(static_cast<char>(k));
    if (groups == block_groups) {
      for (std::uint32_t g = 0; g < block_groups; ++g) plane->words[g] = _mm512_cmpgt_epu8_mask(rank[g], cut);
    } else {
      for (std::uint32_t g = 0; g < groups; ++g) plane->words[g] = _mm512_cmpgt_epu8_mask(rank[g], cut);
    }
  }
}

void testCuts(const CutTests& tests, const double* values, std::uint32_t groups, std::uint64_t* buckets, Plane* planes) {
  if (tests.count > 255) return testCutsByBuckets(tests, values, groups, buckets, planes);
  alignas(64) std::uint8_t ranks[block_rows];
  if (tests.count <= 8) rankValues<8>(tests, values, groups, ranks);
  else if (tests.count <= 16) rankValues<16>(tests, values, groups, ranks);
  else if (tests.count <= 64) rankValues<64>(tests, values, groups, ranks);
  else rankValues<256>(tests, values, groups, ranks);
  const Vector special_rank = _mm512_set1_epi8(static_cast<char>(tests.special_rank));
  for (std::uint32_t g = 0; g < groups; ++g) {
    _mm512_mask_storeu_epi8(ranks + g * group_rows, specialsOf(tests, values + g * group_rows), special_rank);
  }
  compareRanks(tests, ranks, groups, planes);
}

/// Where a row's bit is in the table of a test: in which byte, and which bit of it.
void findBits(const SetTests& tests, const double* values, std::uint32_t groups, std::uint8_t* bytes, std::uint8_t* bits) {
  const __m512d end = _mm512_set1_pd(static_cast<double>(tests.codes));
  for (std::uint32_t r = 0; r < groups * group_rows; r += 8) {
    const __m512d value = _mm512_loadu_pd(values + r);
    const __mmask8 known = _mm512_cmp_pd_mask(value, _mm512_set1_pd(-1.0), _CMP_GT_OQ) & _mm512_cmp_pd_mask(value, end, _CMP_LT_OQ);
    const __m256i code = _mm256_mask_mov_epi32(_mm256_set1_epi32(most_byte_codes), known, _mm512_cvttpd_epi32(value));
    const __m256i bit = _mm256_sllv_epi32(_mm256_set1_epi32(1), _mm256_and_si256(code, _mm256_set1_epi32(7)));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes + r), _mm256_cvtepi32_epi8(_mm256_srli_epi32(code, 3)));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(bits + r), _mm256_cvtepi32_epi8(bit));
  }
}

void testSets(const SetTests& tests, const double* values, std::uint32_t groups, Plane* planes) {
  if (tests.rights_by_test == nullptr) return testSetsBySquares(tests, values, groups, planes);
  alignas(64) std::uint8_t bytes[block_rows];
  alignas(64) std::uint8_t bits[block_rows];
  findBits(tests, values, groups, bytes, bits);
  Plane* plane = planes + tests.first_plane;
  for (std::uint32_t t = 0; t < tests.count; ++t, ++plane) {
    const Vector table = _mm512_load_si512(tests.rights_by_test + static_cast<std::size_t>(t) * sizeof(Plane));
    for (std::uint32_t g = 0; g < groups; ++g) {
      const Vector byte = _mm512_permutexvar_epi8(_mm512_load_si512(bytes + g * group_rows), table);
      plane->words[g] = _mm512_test_epi8_mask(byte, _mm512_load_si512(bits + g * group_rows));
    }
  }
}

// ---- trees

void runMuxes(const MuxOp* ops, std::size_t count, Plane* planes) {
  char* base = reinterpret_cast<char*>(planes);
  for (const MuxOp* op = ops; op != ops + count; ++op) {
    const Vector chosen = _mm512_ternarylogic_epi64(loadPlane(base, op->test), loadPlane(base, op->right), loadPlane(base, op->left), 0xCA);
    _mm512_store_si512(base + op->out, chosen);
  }
}

/// A group's words of all eight planes beside each other: 8 x 8 words transposed, the last plane first.
void transposeWords(const Vector* planes, Vector* groups) {
  const auto low = [](Vector a, Vector b) { return _mm512_unpacklo_epi64(a, b); };
  const auto high = [](Vector a, Vector b) { return _mm512_unpackhi_epi64(a, b); };
  const auto even = [](Vector a, Vector b) { return _mm512_shuffle_i64x2(a, b, 0x88); };
  const auto odd = [](Vector a, Vector b) { return _mm512_shuffle_i64x2(a, b, 0xDD); };
  Vector pair[8];
  for (int i = 0; i < 4; ++i) {
    pair[i] = low(planes[7 - 2 * i], planes[6 - 2 * i]);
    pair[i + 4] = high(planes[7 - 2 * i], planes[6 - 2 * i]);
  }
  for (int side = 0; side < 2; ++side) {
    const Vector* p = pair + 4 * side;
    const Vector even_front = even(p[0], p[1]);
    const Vector even_back = even(p[2], p[3]);
    const Vector odd_front = odd(p[0], p[1]);
    const Vector odd_back = odd(p[2], p[3]);
    groups[side] = even(even_front, even_back);
    groups[side + 4] = odd(even_front, even_back);
    groups[side + 2] = even(odd_front, odd_back);
    groups[side + 6] = odd(odd_front, odd_back);
  }
}

void packCodes(const Plane* planes, const std::uint32_t* offsets, std::uint32_t bits, std::uint32_t groups, std::uint8_t* codes) {
  Vector plane[8];
  for (std::uint32_t b = 0; b < 8; ++b) plane[b] = b < bits ? loadPlane(bytesOf(planes), offsets[b]) : _mm512_setzero_si512();
  Vector group[8];
  transposeWords(plane, group);
  // Byte 8 i + j takes byte i of word j; then each word is an 8 x 8 square of bits to be transposed.
  const Vector squares = _mm512_setr_epi64(0x3830282018100800, 0x3931292119110901, 0x3A322A221A120A02, 0x3B332B231B130B03, 0x3C342C241C140C04,
                                           0x3D352D251D150D05, 0x3E362E261E160E06, 0x3F372F271F170F07);
  const Vector identity = _mm512_set1_epi64(static_cast<long long>(0x8040201008040201));
  for (std::uint32_t g = 0; g < groups; ++g) {
    _mm512_store_si512(codes + g * group_rows, _mm512_gf2p8affine_epi64_epi8(identity, _mm512_permutexvar_epi8(squares, group[g]), 0));
  }
}

// ---- leaves

/// Byte `code` of a table of Size bytes, for 64 codes.
template <int Size>
Vector lookUp(Vector code, const char* table, __mmask64 upper) {
  if constexpr (Size == 64) return _mm512_permutexvar_epi8(code, _mm512_load_si512(table));
  const Vector low = _mm512_permutex2var_epi8(_mm512_load_si512(table), code, _mm512_load_si512(table + 64));
  if constexpr (Size == 128) return low;
  const Vector high = _mm512_permutex2var_epi8(_mm512_load_si512(table + 128), code, _mm512_load_si512(table + 192));
  return _mm512_mask_mov_epi8(low, upper, high);
}

/// Looks each byte of the values up, then puts the bytes together: sums stay in the order that this gives.
template <int Size>
void addGroup(const std::uint8_t* codes, const char* leaves, std::uint32_t trees, double* sums) {
  __m512d sum[8];
  for (int i = 0; i < 8; ++i) sum[i] = _mm512_load_pd(sums + 8 * i);
  for (std::uint32_t t = 0; t < trees; ++t) {
    const Vector code = _mm512_load_si512(codes + static_cast<std::size_t>(t) * block_rows);
    const __mmask64 upper = Size == 256 ? _mm512_movepi8_mask(code) : 0;
    const char* table = leaves + static_cast<std::size_t>(t) * Size * sizeof(double);
    Vector byte[8];
    for (int b = 0; b < 8; ++b) byte[b] = lookUp<Size>(code, table + b * Size, upper);
    Vector two[8];
    for (int b = 0; b < 4; ++b) {
      two[b] = _mm512_unpacklo_epi8(byte[2 * b], byte[2 * b + 1]);
      two[b + 4] = _mm512_unpackhi_epi8(byte[2 * b], byte[2 * b + 1]);
    }
    for (int h = 0; h < 2; ++h) {
      const Vector* w = two + 4 * h;
      const Vector front[2] = {_mm512_unpacklo_epi16(w[0], w[1]), _mm512_unpackhi_epi16(w[0], w[1])};
      const Vector back[2] = {_mm512_unpacklo_epi16(w[2], w[3]), _mm512_unpackhi_epi16(w[2], w[3])};
      for (int q = 0; q < 2; ++q) {
        const int at = 4 * h + 2 * q;
        sum[at] = _mm512_add_pd(sum[at], _mm512_castsi512_pd(_mm512_unpacklo_epi32(front[q], back[q])));
        sum[at + 1] = _mm512_add_pd(sum[at + 1], _mm512_castsi512_pd(_mm512_unpackhi_epi32(front[q], back[q])));
      }
    }
  }
  for (int i = 0; i < 8; ++i) _mm512_store_pd(sums + 8 * i, sum[i]);
}

void addLeaves(const std::uint8_t* codes, const double* leaves, std::uint32_t size, std::uint32_t trees, std::uint32_t groups, double* sums) {
  const char* table = reinterpret_cast<const char*>(leaves);
  for (std::uint32_t g = 0; g < groups; ++g) {
    if (size == 64) addGroup<64>(codes + g * group_rows, table, trees, sums + g * group_rows);
    else if (size == 128) addGroup<128>(codes + g * group_rows, table, trees, sums + g * group_rows);
    else addGroup<256>(codes + g * group_rows, table, trees, sums + g * group_rows);
  }
}

struct Places {
  std::uint8_t of[group_rows];
};

/// Row 16 lane + 2 vector + half is in that half of that lane of that vector of sums.
constexpr Places unpackedOrder() {
  Places places{};
  for (std::uint32_t row = 0; row < group_rows; ++row) {
    const std::uint32_t lane = row / 16;
    const std::uint32_t vector = row % 16 / 2;
    places.of[row] = static_cast<std::uint8_t>(8 * vector + 2 * lane + row % 2);
  }
  return places;
}

constexpr Places places = unpackedOrder();

const SliceKernel kernel{.name = "avx512", .leaves = LeafLayout::BytePlanes, .least_rows = 12, .places = places.of, .test_cuts = testCuts, .test_sets = testSets,
                         .run_muxes = runMuxes, .pack_codes = packCodes, .add_leaves = addLeaves};

}  // namespace

const SliceKernel* const avx512_kernel = &kernel;

}  // namespace cd4ml::score

#else

namespace cd4ml::score {
const SliceKernel* const avx512_kernel = nullptr;
}  // namespace cd4ml::score

#endif
