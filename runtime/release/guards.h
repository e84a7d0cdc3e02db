/// Sequential tests of a rollout's guards: they may be looked at after every row.
///
/// A guard `breaks` when the evidence against "the limit holds" is so strong that, were it to hold, this would ever
/// happen with probability at most α over the whole step, however often one looks. Rates and latency quantiles are
/// Bernoulli means and are tested by a mixture likelihood ratio, which is a nonnegative supermartingale under the limit
/// (Ville's inequality); the shift of scores by an asymptotic confidence sequence.
/// Source: Johari et al., Always Valid Inference (2015); Waudby-Smith et al., Time-uniform central limit theory (2021).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/release/observation.h"

namespace cd4ml::release {

using Guard = ir::Deploy::Guard;

/// Per guard and step.
inline constexpr double guard_alpha = 0.01;

/// Evidence (e-value) that a Bernoulli mean lies above `limit`, after `hits` in `n`; 1 at the start, ∞ if a hit was
/// impossible. Above 1/α it refutes the limit at level α at any time.
[[nodiscard]] double evidenceAbove(double limit, std::uint64_t hits, std::uint64_t n);
/// Half width of the confidence sequence of a mean at level 1 - `alpha`, in standard deviations, after `n` values.
[[nodiscard]] double confidenceWidth(std::uint64_t n, double alpha);

struct GuardState {
  enum class Verdict : std::uint8_t { Holds, Exceeds, Breaks, NoData } verdict = Verdict::NoData;
  std::string text;    ///< "error_rate <= 0.01"
  double value = 0;    ///< as observed: share, µs, shift in standard deviations
  double limit = 0;
  std::uint64_t rows = 0;
};

/// Exceeds: the value lies beyond the limit, but chance could do that yet.
[[nodiscard]] GuardState judge(const Guard& guard, const Observation& observation);
/// The declared guards, and `error_rate <= 1%` where none limits the errors.
[[nodiscard]] std::vector<Guard> effectiveGuards(const std::vector<Guard>& declared);

}  // namespace cd4ml::release
