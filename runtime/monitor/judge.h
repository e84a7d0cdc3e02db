/// The verdicts of a report's comparisons, decided together.
///
/// Comparisons form families (features and columns; prediction; segments). Within a family p-values are adjusted after
/// Benjamini and Hochberg, and then multiplied by the number of families, so the chance that a report on unchanged data
/// alarms at all is at most alpha; two fifths are added for what the p-values themselves are off (bench/monitor).
/// An alarm needs an adjusted p below alpha *and* an effect of at least the one asked for: many rows make a harmless
/// difference certain, few rows make chance look like an effect.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/monitor/compare.h"

namespace cd4ml::monitor {

enum class Verdict : std::uint8_t { Ok, Insufficient, Warn, Alarm };
/// "ok", "insufficient", "warn", "alarm".
[[nodiscard]] std::string_view verdictText(Verdict verdict);
[[nodiscard]] inline Verdict worse(Verdict a, Verdict b) { return a < b ? b : a; }

struct Judged {
  Comparison comparison;
  std::uint32_t family = 0;
  double alpha = 0.05;
  double least_effect = 0.1;
  bool comparable = true;        ///< false: too few values, or nothing to compare with; takes no part
  double p_adjusted = 1;         ///< filled in
  Verdict verdict = Verdict::Insufficient;
};

constexpr double caution = 1.4;

/// Fills in adjusted p-values and verdicts. A difference that is certain but small is ok.
void judgeTogether(std::span<Judged> comparisons);

}  // namespace cd4ml::monitor
