/// Where numbers lie among sorted cuts: the rank of x is how many cuts are below x. Exact for every double; a few
/// nanoseconds a number, whatever the numbers are, because nothing branches on them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cd4ml::learn {

/// Cuts that are compared at once.
constexpr std::size_t line_cuts = 8;
struct alignas(64) CutLine : std::array<double, line_cuts> {};

class CutRanks {
 public:
  /// `cuts` are sorted and none is NaN.
  explicit CutRanks(std::span<const double> cuts);

  [[nodiscard]] std::uint32_t cuts() const { return cuts_; }
  /// Ranks of `count` numbers; a NaN gets cuts() + 1.
  void rank(const double* numbers, std::size_t count, std::uint32_t* ranks) const;
  /// The same by the code for every CPU.
  void rankPlainly(const double* numbers, std::size_t count, std::uint32_t* ranks) const;

 private:
  std::uint32_t cuts_ = 0;
  std::vector<double> table_;   ///< the cuts, then infinities to a power of two with one at least
  std::vector<CutLine> lines_;  ///< the same as a tree, the root first; empty if there are too many
};

}  // namespace cd4ml::learn
