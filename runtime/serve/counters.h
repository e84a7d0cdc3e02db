/// Counts that threads write without waiting and others read: each thread has a block of its own.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/release/rollout_control.h"
#include "runtime/score/score_rows.h"

namespace cd4ml::serve {

/// A number with one writer.
class Count {
 public:
  void add(std::uint64_t more) { value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Sum {
 public:
  void add(double more) { value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed); }
  void raise(double other) {
    if (other > get()) value_.store(other, std::memory_order_relaxed);
  }
  [[nodiscard]] double get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> value_{0};
};

[[nodiscard]] std::size_t latencyBucket(std::uint64_t us);

/// What one thread did for one model.
struct alignas(64) ArmBlock {
  Count requests;
  Count rows;
  Count errors;
  Count bad_rows;
  Count scores;
  Count positives;
  Sum score_sum;
  Sum score_squares;
  std::array<Count, release::LatencyCounts::buckets> latency;

  void addLatency(std::int64_t us) { latency[latencyBucket(static_cast<std::uint64_t>(us < 0 ? 0 : us))].add(1); }
  void addScores(const score::Predictions& predictions, const std::vector<score::BadRow>& bad, ir::Task task);
};

/// The paired block of a challenger; one writer.
struct alignas(64) PairedBlock {
  Count rows;
  Count label_differs;
  Sum difference_sum;
  Sum difference_squares;
  Sum difference_most;
  std::atomic<std::uint64_t> dropped{0};
};

/// All counts of one model in one role, by thread.
class ArmStats {
 public:
  explicit ArmStats(std::size_t threads) : blocks_(threads) {}
  [[nodiscard]] ArmBlock& block(std::size_t thread) { return blocks_[thread]; }
  [[nodiscard]] PairedBlock& paired() { return paired_; }
  void read(release::ArmCounters& out) const;
  void read(release::PairedCounters& out) const;

 private:
  std::vector<ArmBlock> blocks_;
  PairedBlock paired_;
};

/// The score that is summed: probability, or the predicted number.
[[nodiscard]] double scoreOf(const score::Predictions& predictions, ir::Task task, std::size_t row);

/// What a thread counts besides models.
enum class Rejection : std::uint8_t { QueueFull, QueueWait, Connections, Deadline, Unauthorized, Malformed, Timeout, NotReady, Draining };
inline constexpr std::size_t rejections = 9;
[[nodiscard]] std::string_view rejectionText(Rejection reason);

}  // namespace cd4ml::serve
