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

constexpr double infinity = std::numeric_limits<double>::infinity();

#if defined(__x86_64__)
using Line = CutLine;
constexpr std::size_t width = line_cuts;
constexpr std::uintptr_t bytes_ahead = 2048;  ///< what is asked of memory early: a third of the time on columns of 16 MB

/// A tree of lines of eight cuts: in the lowest level are all cuts, in each above the last of each line below. The count
/// of cuts below x in a line is the child to go to; three levels hold 511 cuts.
template <std::size_t Levels>
[[gnu::target("arch=x86-64-v4")]] void rankWide(const Line* lines, const double* numbers, std::size_t count, std::uint32_t missing,
                                                std::uint32_t* ranks) {
  constexpr std::array<std::size_t, 3> begin{0, 1, 1 + width};
  const __m512d root = _mm512_load_pd(lines->data());
  for (std::size_t i = 0; i < count; ++i) {
    _mm_prefetch(reinterpret_cast<const char*>(reinterpret_cast<std::uintptr_t>(numbers + i) + bytes_ahead), _MM_HINT_T0);
    const __m512d x = _mm512_set1_pd(numbers[i]);
    auto rank = static_cast<std::uint32_t>(_mm_popcnt_u32(_mm512_cmp_pd_mask(root, x, _CMP_LT_OQ)));
    for (std::size_t level = 1; level < Levels; ++level) {
      const __m512d line = _mm512_load_pd(lines[begin[level] + rank].data());
      rank = rank * width + static_cast<std::uint32_t>(_mm_popcnt_u32(_mm512_cmp_pd_mask(line, x, _CMP_LT_OQ)));
    }
    ranks[i] = rank;
  }
  for (std::size_t i = 0; i < count; i += width) {
    const auto rest = static_cast<__mmask8>(count - i < width ? (1U << (count - i)) - 1U : 0xFFU);
    const __m512d x = _mm512_maskz_loadu_pd(rest, numbers + i);
    const __mmask8 nan = _mm512_cmp_pd_mask(x, x, _CMP_UNORD_Q);
    if (nan != 0) _mm512_mask_storeu_epi32(ranks + i, nan, _mm512_set1_epi32(static_cast<int>(missing)));
  }
}

std::vector<Line> linesOf(std::span<const double> cuts) {
  std::vector<std::vector<double>> levels{{cuts.begin(), cuts.end()}};
  levels[0].resize((cuts.size() / width + 1) * width, infinity);  // at least one infinity, so that a child is there for each count
  while (levels.back().size() > width) {
    std::vector<double> above;
    for (std::size_t i = width - 1; i < levels.back().size(); i += width) above.push_back(levels.back()[i]);
    above.resize((above.size() + width - 1) / width * width, infinity);
    levels.push_back(std::move(above));
  }
  if (levels.size() > 3) return {};
  std::vector<Line> lines;
  for (std::size_t level = levels.size(); level-- > 0;) {
    for (std::size_t i = 0; i < levels[level].size(); i += width) {
      std::copy_n(levels[level].begin() + static_cast<std::ptrdiff_t>(i), width, lines.emplace_back().begin());
    }
    // A level begins where it would if those above were full.
    if (level > 0) lines.resize(levels.size() - level == 1 ? 1 : 1 + width);
  }
  return lines;
}

bool hasWide() {
  static const bool has = __builtin_cpu_supports("x86-64-v4") != 0;
  return has;
}
#else
std::vector<CutLine> linesOf(std::span<const double> /*cuts*/) { return {}; }
#endif

}  // namespace

CutRanks::CutRanks(std::span<const double> cuts)
    : cuts_(static_cast<std::uint32_t>(cuts.size())), table_(cuts.begin(), cuts.end()), lines_(linesOf(cuts)) {
  table_.resize(std::bit_ceil(cuts.size() + 1), infinity);
}

void CutRanks::rank(const double* numbers, std::size_t count, std::uint32_t* ranks) const {
#if defined(__x86_64__)
  if (hasWide() && !lines_.empty()) {
    if (cuts_ < width) return rankWide<1>(lines_.data(), numbers, count, cuts_ + 1, ranks);
    if (cuts_ < width * width) return rankWide<2>(lines_.data(), numbers, count, cuts_ + 1, ranks);
    return rankWide<3>(lines_.data(), numbers, count, cuts_ + 1, ranks);
  }
#endif
  rankPlainly(numbers, count, ranks);
}

void CutRanks::rankPlainly(const double* numbers, std::size_t count, std::uint32_t* ranks) const {
  constexpr std::size_t lanes = 8;  // searches in flight, which hide each other's latency
  const double* table = table_.data();
  for (std::size_t begin = 0; begin < count; begin += lanes) {
    const std::size_t some = std::min(lanes, count - begin);
    std::array<double, lanes> x{};
    std::copy_n(numbers + begin, some, x.begin());
    std::array<std::size_t, lanes> at{};
    for (std::size_t step = table_.size() / 2; step > 0; step /= 2) {
      for (std::size_t lane = 0; lane < lanes; ++lane) at[lane] += table[at[lane] + step - 1] < x[lane] ? step : 0;
    }
    for (std::size_t lane = 0; lane < some; ++lane) {
      ranks[begin + lane] = std::isnan(x[lane]) ? cuts_ + 1 : static_cast<std::uint32_t>(at[lane]);
    }
  }
}

}  // namespace cd4ml::learn
