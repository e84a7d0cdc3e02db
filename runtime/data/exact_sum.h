/// Sums of doubles without any rounding until they are read: what has been added can be taken away again, and the result
/// depends on nothing but the values that are in it, not on their order. A fixed-point number as wide as the doubles
/// (Kulisch, "Computer Arithmetic and Validity", 2008), in chunks of 32 bits that carry late (Neal, "Fast exact
/// summation using small and large superaccumulators", 2015).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace cd4ml::data {

/// A whole number of units 2^exponent, at most so wide as squares of doubles are.
class WideNumber {
 public:
  explicit WideNumber(int exponent) : exponent_(exponent) {}

  /// Adds (or takes away) magnitude × 2^shift units.
  void add(unsigned __int128 magnitude, int shift, bool negative);
  struct Digits {
    std::vector<std::uint32_t> digits;  ///< magnitude, least first, no zeros at the top
    bool negative = false;
  };
  [[nodiscard]] Digits digits();
  [[nodiscard]] int exponent() const { return exponent_; }

 private:
  void carry();

  static constexpr int chunks = 144;
  std::array<std::int64_t, chunks> chunk_{};
  int exponent_;
  int low_ = chunks;
  int high_ = 0;
  std::int64_t pending_ = 0;
};

/// Digits × 2^exponent as the nearest double, ties to even.
[[nodiscard]] double roundDigits(const std::vector<std::uint32_t>& digits, int exponent, bool negative);

/// Sum and spread of a set of doubles. NaN and infinities count as in a plain sum.
class ExactMoments {
 public:
  enum class Keep : std::uint8_t { Sum, SumAndSquares };
  explicit ExactMoments(Keep keep) : keep_(keep), sum_(-1074), squares_(-2148) {}

  void add(double value) { change(value, 1); }
  void remove(double value) { change(value, -1); }
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// The sum, rounded once.
  [[nodiscard]] double sum();
  /// Of a sample (divisor count - 1), of at least two: the exact numerator, rounded once, over count × (count - 1).
  [[nodiscard]] double variance();

 private:
  void change(double value, int by);

  Keep keep_;
  WideNumber sum_;
  WideNumber squares_;
  std::int64_t count_ = 0;
  std::int64_t nan_ = 0;
  std::int64_t above_ = 0;  ///< +inf
  std::int64_t below_ = 0;  ///< -inf
};

}  // namespace cd4ml::data
