/// What a server saw of the arms of a rollout since the present step began: counters on plain data, cheap to copy.
///
/// An error is an answer that failed through no fault of the client. Scores are what the model says: the predicted number,
/// or the probability of true (binary) or of the predicted class.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace cd4ml::release {

/// Latencies in buckets whose bounds rise by a quarter of a power of two from 1 µs; the last holds all above.
class LatencyCounts {
 public:
  static constexpr std::size_t buckets = 112;

  void add(double microseconds);
  [[nodiscard]] std::uint64_t count() const;
  /// How many took longer than `microseconds`: a bucket counts if all of it lies above.
  [[nodiscard]] std::uint64_t above(double microseconds) const;
  /// Upper bound of the bucket in which the quantile lies; 0 without any.
  [[nodiscard]] double quantile(double p) const;
  /// Upper bound of bucket `i` in µs.
  [[nodiscard]] static double bound(std::size_t i);

  std::array<std::uint64_t, buckets> counts{};
};

/// Sums of a quantity, from which mean and variance follow.
struct Moments {
  std::uint64_t n = 0;
  double sum = 0;
  double squares = 0;

  void add(double value) { ++n; sum += value; squares += value * value; }
  [[nodiscard]] double mean() const { return n == 0 ? 0 : sum / static_cast<double>(n); }
  /// Of the population; 0 with fewer than two.
  [[nodiscard]] double variance() const;
};

struct ArmCounts {
  std::uint64_t rows = 0;    ///< answered
  std::uint64_t errors = 0;  ///< rows that were not, by the server's fault
  LatencyCounts latency{};   ///< of requests
  Moments score{};
};

struct Observation {
  ArmCounts champion{};
  ArmCounts challenger{};    ///< in a shadow step: of the rows it was shown
  Moments shadow_shift{};    ///< score of the challenger less that of the champion, on the same rows
};

}  // namespace cd4ml::release
