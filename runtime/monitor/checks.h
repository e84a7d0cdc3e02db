/// What is checked of a window besides drift: missing values, values that are not allowed, new levels, volume.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/monitor/baseline.h"
#include "runtime/monitor/judge.h"

namespace cd4ml::monitor {

/// One check with all that it was decided on.
struct Check {
  std::string kind;                 ///< schema, missing, range, volume, freshness, require
  std::string name;                 ///< of the column, or the text of the condition
  Verdict verdict = Verdict::Ok;
  std::string message{};            ///< what is the matter; empty where nothing is
  std::string statistic{};          ///< what `value` is: share, z, rows, age
  std::optional<double> value{};
  std::optional<double> p{};
  std::optional<double> effect{};
  std::optional<double> threshold{};
  double n = 0;                     ///< rows of the window
  std::optional<double> n_baseline{};
};

/// More missing values than before by at least 5 points, and not by chance (p < 0.001): alarm.
constexpr double missing_points = 0.05;
constexpr double missing_chance = 0.001;
[[nodiscard]] Check checkMissing(const Series& baseline, double nulls, double not_finite, double rows);

/// Rows that break a rule: beyond the share that the rule grants, any is a warning, more than 0.1 % an alarm.
constexpr double broken_share = 0.001;
[[nodiscard]] Check checkBroken(std::string kind, std::string name, double broken, double rows, double granted, std::string message);

/// Levels that the baseline never had: more than 1 % of the rows is a warning.
constexpr double unseen_share = 0.01;
[[nodiscard]] std::optional<Check> checkUnseen(const Series& baseline, const LevelCounts& window);

/// Rows against the median of earlier windows (at least three): outside a half to the double is a warning, less than a
/// tenth an alarm.
[[nodiscard]] Check checkVolume(double rows, std::vector<double> earlier);

}  // namespace cd4ml::monitor
