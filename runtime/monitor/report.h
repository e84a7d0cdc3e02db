/// Checks and comparisons as JSON (docs/reference/json.md).
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "runtime/monitor/checks.h"

namespace cd4ml::monitor {

using Json = nlohmann::ordered_json;

/// One comparison of a report: a column, whole or of a segment.
struct DriftEntry {
  std::string name;
  Role role = Role::Feature;
  std::string segment{};           ///< JSON, or empty
  const Series* baseline = nullptr;  ///< null: there is none
  std::optional<NumberCounts> numbers{};
  std::optional<LevelCounts> levels{};
  Judged judged{};
  double n = 0;
  std::string reason{};            ///< why it is insufficient
};

/// A number; infinities and NaN, which JSON has not, as texts.
[[nodiscard]] Json numberJson(double value);
[[nodiscard]] Json checkJson(const Check& check);
/// With what the values were and are: mean, spread, quantiles, shares of a few bins or levels.
[[nodiscard]] Json driftJson(const DriftEntry& entry);

}  // namespace cd4ml::monitor
