#include "runtime/evaluate/score_order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <utility>

namespace cd4ml::evaluate {

namespace {

/// Whole numbers in the order of the floats.
std::uint64_t keyOf(double score) {
  const auto bits = std::bit_cast<std::uint64_t>(score);
  return (bits >> 63U) != 0 ? ~bits : bits | (std::uint64_t{1} << 63U);
}

struct Keyed {
  std::uint64_t key;
  std::uint32_t row;
};

constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = std::size_t{1} << digit_bits;
constexpr unsigned passes = (64 + digit_bits - 1) / digit_bits;

/// Stable radix sort from the lowest digit; a digit that all rows share costs nothing.
void radixSort(std::vector<Keyed>& rows) {
  std::vector<std::array<std::uint32_t, digits>> counts(passes);
  for (auto& count : counts) count.fill(0);
  for (const Keyed& row : rows) {
    for (unsigned p = 0; p < passes; ++p) ++counts[p][(row.key >> (p * digit_bits)) & (digits - 1)];
  }
  std::vector<Keyed> other(rows.size());
  for (unsigned p = 0; p < passes; ++p) {
    auto& count = counts[p];
    if (count[(rows[0].key >> (p * digit_bits)) & (digits - 1)] == rows.size()) continue;
    std::uint32_t at = 0;
    for (std::uint32_t& c : count) at += std::exchange(c, at);
    for (const Keyed& row : rows) other[count[(row.key >> (p * digit_bits)) & (digits - 1)]++] = row;
    rows.swap(other);
  }
}

}  // namespace

std::vector<std::uint32_t> orderByScore(std::span<const double> scores) {
  std::vector<Keyed> rows(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i) rows[i] = {keyOf(scores[i]), static_cast<std::uint32_t>(i)};
  if (rows.size() > 2048) radixSort(rows);
  else std::stable_sort(rows.begin(), rows.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  std::vector<std::uint32_t> order(rows.size());
  std::transform(rows.begin(), rows.end(), order.begin(), [](const Keyed& row) { return row.row; });
  return order;
}

}  // namespace cd4ml::evaluate
