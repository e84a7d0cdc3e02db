#include "runtime/release/guards.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace cd4ml::release {

namespace {

constexpr std::uint64_t least_scores = 50;  ///< the central limit needs a few
constexpr double tuned_for_rows = 500;      ///< where the confidence sequence is narrowest

GuardState::Verdict verdictOf(bool exceeds, bool refuted) {
  if (!exceeds) return GuardState::Verdict::Holds;
  return refuted ? GuardState::Verdict::Breaks : GuardState::Verdict::Exceeds;
}

bool beyond(const Guard& guard, double value) { return guard.strict ? value >= guard.limit : value > guard.limit; }

void judgeErrors(const Guard& guard, const ArmCounts& arm, GuardState& out) {
  out.rows = arm.rows + arm.errors;
  if (out.rows == 0) return;
  out.value = static_cast<double>(arm.errors) / static_cast<double>(out.rows);
  out.verdict = verdictOf(beyond(guard, out.value), evidenceAbove(guard.limit, arm.errors, out.rows) >= 1 / guard_alpha);
}

void judgeLatency(const Guard& guard, const ArmCounts& arm, GuardState& out) {
  out.rows = arm.latency.count();
  if (out.rows == 0) return;
  out.value = arm.latency.quantile(guard.percentile);
  const std::uint64_t slow = arm.latency.above(guard.limit);
  const double allowed = 1 - guard.percentile;
  const bool exceeds = static_cast<double>(slow) > allowed * static_cast<double>(out.rows);
  out.verdict = verdictOf(exceeds, evidenceAbove(allowed, slow, out.rows) >= 1 / guard_alpha);
}

/// The mean shift in standard deviations of the champion's scores: of the same rows where there are any, else of the
/// rows each arm answered.
void judgeShift(const Guard& guard, const Observation& seen, GuardState& out) {
  const bool paired = seen.shadow_shift.n > 0;
  out.rows = paired ? seen.shadow_shift.n : std::min(seen.champion.score.n, seen.challenger.score.n);
  const double unit = std::sqrt(seen.champion.score.variance());
  if (out.rows < 2 || !(unit > 0)) return;
  const double shift = paired ? seen.shadow_shift.mean() : seen.challenger.score.mean() - seen.champion.score.mean();
  out.value = std::abs(shift) / unit;
  double error = 0;
  if (paired) {
    error = std::sqrt(seen.shadow_shift.variance()) * confidenceWidth(out.rows, guard_alpha);
  } else {
    error = std::sqrt(seen.challenger.score.variance()) * confidenceWidth(seen.challenger.score.n, guard_alpha / 2) +
            unit * confidenceWidth(seen.champion.score.n, guard_alpha / 2);
  }
  const bool refuted = out.rows >= least_scores && out.value - error / unit > guard.limit;
  out.verdict = verdictOf(beyond(guard, out.value), refuted);
}

std::string textOf(const Guard& guard) {
  const char* op = guard.strict ? "<" : "<=";
  if (guard.measure == "latency") return fmt::format("latency(p: {}) {} {}ms", guard.percentile * 100, op, guard.limit / 1000);
  return fmt::format("{} {} {}", guard.measure, op, guard.limit);
}

}  // namespace

double evidenceAbove(double limit, std::uint64_t hits, std::uint64_t n) {
  if (hits == 0 || limit >= 1) return 1;
  if (limit <= 0) return std::numeric_limits<double>::infinity();
  // A mixture over means above the limit, halving the way to it: strong for gross and for slight excess alike.
  constexpr int alternatives = 12;
  const auto misses = static_cast<double>(n - hits);
  double sum = 0;
  double reach = 1;
  for (int i = 0; i < alternatives; ++i) {
    reach /= 2;
    const double mean = limit + (1 - limit) * reach;
    const double log_ratio = static_cast<double>(hits) * std::log(mean / limit) + misses * std::log((1 - mean) / (1 - limit));
    sum += std::exp(std::min(log_ratio, 700.0));
  }
  return sum / alternatives;
}

double confidenceWidth(std::uint64_t n, double alpha) {
  if (n == 0) return std::numeric_limits<double>::infinity();
  const double log_alpha = -2 * std::log(alpha);
  const double rho_squared = (log_alpha + std::log(log_alpha + 1)) / tuned_for_rows;
  const double t = static_cast<double>(n) * rho_squared + 1;
  const double count = static_cast<double>(n);
  return std::sqrt(2 * t / (count * count * rho_squared) * std::log(std::sqrt(t) / alpha));
}

GuardState judge(const Guard& guard, const Observation& observation) {
  GuardState out{.text = textOf(guard), .limit = guard.limit};
  if (guard.measure == "error_rate") judgeErrors(guard, observation.challenger, out);
  if (guard.measure == "latency") judgeLatency(guard, observation.challenger, out);
  if (guard.measure == "score_shift") judgeShift(guard, observation, out);
  return out;
}

std::vector<Guard> effectiveGuards(const std::vector<Guard>& declared) {
  std::vector<Guard> out = declared;
  const bool limits_errors = std::any_of(out.begin(), out.end(), [](const Guard& g) { return g.measure == "error_rate"; });
  if (!limits_errors) out.push_back({.measure = "error_rate", .limit = 0.01});
  return out;
}

}  // namespace cd4ml::release
