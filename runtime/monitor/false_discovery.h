/// Many tests at once: Benjamini and Hochberg's adjustment.
#pragma once

#include <span>
#include <vector>

namespace cd4ml::monitor {

/// The adjusted p-value of each, in the order given: calling those below q alarms keeps the expected share of false ones
/// among them below q, and, where nothing has changed, the chance of any alarm at all.
[[nodiscard]] std::vector<double> adjustBenjaminiHochberg(std::span<const double> p);

}  // namespace cd4ml::monitor
