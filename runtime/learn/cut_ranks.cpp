#include "runtime/learn/cut_ranks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cd4ml::learn {

namespace {

constexpr std::size_t block = 16;  ///< cuts that the wide code compares at once
constexpr double infinity = std::numeric_limits<double>::infinity();

#if defined(__x86_64__)
/// How many of 16 cuts are below x.
[[gnu::target("arch=x86-64-v4"), gnu::always_inline]] inline std::uint32_t countBelow(__m512d low, __m512d high, __m512d x) {
  const __mmask8 a = _mm512_cmp_pd_mask(low, x, _CMP_LT_OQ);
  const __mmask8 b = _mm512_cmp_pd_mask(high, x, _CMP_LT_OQ);
  return static_cast<std::uint32_t>(_mm_popcnt_u32(static_cast<unsigned>(a) | static_cast<unsigned>(b) << 8U));
}

/// Finds the block of 16 cuts by its last cuts, then the place in it: two compares of 16 and two counts of bits.
[[gnu::target("arch=x86-64-v4")]] void rankWide(const double* table, const double* pivots, const double* numbers, std::size_t count,
                                                std::uint32_t missing, std::uint32_t* ranks) {
  const __m512d low = _mm512_loadu_pd(pivots);
  const __m512d high = _mm512_loadu_pd(pivots + 8);
  for (std::size_t i = 0; i < count; ++i) {
    const __m512d x = _mm512_set1_pd(numbers[i]);
    const std::uint32_t first = block * countBelow(low, high, x);
    const std::uint32_t rank = first + countBelow(_mm512_loadu_pd(table + first), _mm512_loadu_pd(table + first + 8), x);
    ranks[i] = std::isnan(numbers[i]) ? missing : rank;
  }
}

/// At most 16 cuts.
[[gnu::target("arch=x86-64-v4")]] void rankFew(const double* table, const double* numbers, std::size_t count, std::uint32_t missing,
                                               std::uint32_t* ranks) {
  const __m512d low = _mm512_loadu_pd(table);
  const __m512d high = _mm512_loadu_pd(table + 8);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t rank = countBelow(low, high, _mm512_set1_pd(numbers[i]));
    ranks[i] = std::isnan(numbers[i]) ? missing : rank;
  }
}

bool hasWide() {
  static const bool has = __builtin_cpu_supports("x86-64-v4") != 0;
  return has;
}
#endif

}  // namespace

CutRanks::CutRanks(std::span<const double> cuts) : cuts_(static_cast<std::uint32_t>(cuts.size())), table_(cuts.begin(), cuts.end()) {
  table_.resize(std::max(block, std::bit_ceil(cuts.size() + 1)), infinity);
  if (cuts_ <= block || table_.size() > block * block) return;
  pivots_.assign(block, infinity);
  for (std::size_t b = 0; b < table_.size() / block; ++b) pivots_[b] = table_[b * block + block - 1];
}

void CutRanks::rank(const double* numbers, std::size_t count, std::uint32_t* ranks) const {
#if defined(__x86_64__)
  if (hasWide() && cuts_ <= block) return rankFew(table_.data(), numbers, count, cuts_ + 1, ranks);
  if (hasWide() && !pivots_.empty()) return rankWide(table_.data(), pivots_.data(), numbers, count, cuts_ + 1, ranks);
#endif
  rankPlainly(numbers, count, ranks);
}

void CutRanks::rankPlainly(const double* numbers, std::size_t count, std::uint32_t* ranks) const {
  constexpr std::size_t lanes = 8;  // searches in flight, which hide each other's latency
  const double* table = table_.data();
  for (std::size_t begin = 0; begin < count; begin += lanes) {
    const std::size_t width = std::min(lanes, count - begin);
    std::array<double, lanes> x{};
    std::copy_n(numbers + begin, width, x.begin());
    std::array<std::size_t, lanes> at{};
    for (std::size_t step = table_.size() / 2; step > 0; step /= 2) {
      for (std::size_t lane = 0; lane < lanes; ++lane) at[lane] += table[at[lane] + step - 1] < x[lane] ? step : 0;
    }
    for (std::size_t lane = 0; lane < width; ++lane) {
      ranks[begin + lane] = std::isnan(x[lane]) ? cuts_ + 1 : static_cast<std::uint32_t>(at[lane]);
    }
  }
}

}  // namespace cd4ml::learn
