/// A second opinion where the baseline is small.
///
/// Drawing windows from a small reference underrates heavy tails: what the reference happens not to hold, no drawn window
/// holds. Before a difference of numbers is believed, its chance is taken again among windows drawn from reference and
/// window together (under no change both are draws of one distribution), and the greater of the two counts.
#pragma once

#include <span>

#include "runtime/monitor/compare.h"

namespace cd4ml::monitor {

/// A baseline of this many values speaks for itself.
constexpr double large_baseline = 20'000;
/// Chances above this are not looked at again.
constexpr double doubtful_chance = 0.01;

struct Doubt {
  const NumberBaseline* baseline = nullptr;
  const NumberCounts* window = nullptr;
  Comparison* comparison = nullptr;   ///< its `p` is raised where the second opinion is less sure
};

/// Whether the comparison is one to look at again.
[[nodiscard]] bool isDoubtful(const NumberBaseline& baseline, const Comparison& comparison, double least_effect);
void confirm(std::span<const Doubt> doubts, int threads);

}  // namespace cd4ml::monitor
