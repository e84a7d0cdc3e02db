#include "runtime/serve/counters.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace cd4ml::serve {

namespace {

/// Upper bounds of the buckets in whole µs.
const std::array<std::uint64_t, release::LatencyCounts::buckets>& bounds() {
  static const auto made = [] {
    std::array<std::uint64_t, release::LatencyCounts::buckets> out{};
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint64_t>(std::floor(release::LatencyCounts::bound(i)));
    return out;
  }();
  return made;
}

}  // namespace

std::size_t latencyBucket(std::uint64_t us) {
  // Four buckets a doubling: the power of two says where to look, at most four bounds decide.
  const auto& limits = bounds();
  std::size_t bucket = us < 2 ? 0 : std::min<std::size_t>((static_cast<std::size_t>(std::bit_width(us)) - 2) * 4, limits.size() - 1);
  while (bucket + 1 < limits.size() && us > limits[bucket]) ++bucket;
  return bucket;
}

double scoreOf(const score::Predictions& predictions, ir::Task task, std::size_t row) {
  return task == ir::Task::Regression ? predictions.number[row] : predictions.probability[row];
}

void ArmBlock::addScores(const score::Predictions& predictions, const std::vector<score::BadRow>& bad, ir::Task task) {
  std::size_t next = 0;
  for (std::size_t r = 0; r < static_cast<std::size_t>(predictions.rows); ++r) {
    if (next < bad.size() && bad[next].row == static_cast<std::int64_t>(r)) {
      ++next;
      continue;
    }
    const double score = scoreOf(predictions, task, r);
    if (!std::isfinite(score)) continue;
    scores.add(1);
    score_sum.add(score);
    score_squares.add(score * score);
    if (task == ir::Task::Binary && predictions.label[r] != 0) positives.add(1);
  }
}

void ArmStats::read(release::ArmCounters& out) const {
  for (const ArmBlock& block : blocks_) {
    out.requests += block.requests.get();
    out.rows += block.rows.get();
    out.errors += block.errors.get();
    out.bad_rows += block.bad_rows.get();
    out.score.n += block.scores.get();
    out.positives += block.positives.get();
    out.score.sum += block.score_sum.get();
    out.score.squares += block.score_squares.get();
    for (std::size_t b = 0; b < block.latency.size(); ++b) out.latency.counts[b] += block.latency[b].get();
  }
}

void ArmStats::read(release::PairedCounters& out) const {
  out.rows += paired_.rows.get();
  out.label_differs += paired_.label_differs.get();
  out.difference.n += paired_.rows.get();
  out.difference.sum += paired_.difference_sum.get();
  out.difference.squares += paired_.difference_squares.get();
  out.difference_most = std::max(out.difference_most, paired_.difference_most.get());
  out.dropped += paired_.dropped.load(std::memory_order_relaxed);
}

std::string_view rejectionText(Rejection reason) {
  switch (reason) {
    case Rejection::QueueFull: return "queue_full";
    case Rejection::QueueWait: return "queue_wait";
    case Rejection::Connections: return "connections";
    case Rejection::Deadline: return "deadline";
    case Rejection::Unauthorized: return "unauthorized";
    case Rejection::Malformed: return "malformed";
    case Rejection::Timeout: return "timeout";
    case Rejection::NotReady: return "not_ready";
    case Rejection::Draining: return "draining";
  }
  return "?";
}

}  // namespace cd4ml::serve
