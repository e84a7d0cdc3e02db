/// Where numbers lie among sorted cuts: the rank of x is how many cuts are below x. Exact for every double; a few
/// nanoseconds a number, whatever the numbers are, because nothing branches on them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cd4ml::learn {

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
  std::vector<double> pivots_;  ///< the last of each 16 cuts of the table, for at most 255 cuts
};

}  // namespace cd4ml::learn
