#include "runtime/learn/sort_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cd4ml::learn {

namespace {

constexpr unsigned digit_bits = 11;
constexpr std::size_t digits = 6;  ///< 6 * 11 bits hold a double's 64
constexpr std::size_t buckets = std::size_t{1} << digit_bits;
constexpr std::uint64_t sign = std::uint64_t{1} << 63U;

/// Unsigned keys in the order of the doubles: negative ones with all bits turned, the others with the sign bit turned.
std::uint64_t keyOf(double number) {
  const auto bits = std::bit_cast<std::uint64_t>(number);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

double numberOf(std::uint64_t key) { return std::bit_cast<double>((key & sign) != 0 ? key & ~sign : ~key); }

std::size_t digitOf(std::uint64_t key, std::size_t digit) { return (key >> (digit * digit_bits)) & (buckets - 1); }

}  // namespace

// Radix sort from the lowest digit up; a digit that is the same in all numbers costs nothing.
void sortNumbers(std::span<double> numbers) {
  if (numbers.size() < 2 * buckets) return std::sort(numbers.begin(), numbers.end(), [](double a, double b) { return keyOf(a) < keyOf(b); });
  std::vector<std::array<std::size_t, buckets>> counts(digits);
  std::vector<std::uint64_t> from(numbers.size());
  std::vector<std::uint64_t> to(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    from[i] = keyOf(numbers[i]);
    for (std::size_t d = 0; d < digits; ++d) ++counts[d][digitOf(from[i], d)];
  }
  for (std::size_t d = 0; d < digits; ++d) {
    if (counts[d][digitOf(from[0], d)] == numbers.size()) continue;
    std::size_t before = 0;
    for (std::size_t& count : counts[d]) before += std::exchange(count, before);
    for (const std::uint64_t key : from) to[counts[d][digitOf(key, d)]++] = key;
    from.swap(to);
  }
  std::transform(from.begin(), from.end(), numbers.begin(), numberOf);
}

}  // namespace cd4ml::learn
