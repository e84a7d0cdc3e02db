/// Which of a monitor's rules have new evidence, and whether a retraining may begin. Pure functions.
#pragma once

#include <optional>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/loop/loop.h"
#include "runtime/track/models.h"
#include "runtime/track/windows.h"

namespace cd4ml::loop {

using Rule = ir::Monitor::Rule;

/// What the rules are judged by.
struct Evidence {
  std::vector<track::WindowRecord> windows{};  ///< of captured traffic or the project's rows; newest first
  std::optional<track::Champion> champion{};
  std::int64_t now_us = 0;
};

/// A rule with new evidence: the evidence may have been acted on before (its id tells).
struct Due {
  std::size_t rule = 0;
  Trigger trigger{};
};
/// Oldest evidence first; at most one a rule and window, one a rule of limits.
[[nodiscard]] std::vector<Due> dueRules(const track::Scope& scope, const std::string& monitor, const std::vector<Rule>& rules, const Evidence& evidence);

/// Whether a retraining may begin.
struct Admission {
  bool admitted = false;
  std::string why{};  ///< for people: "cooling until …", "3 of 3 retrainings in 7 d"
};
/// `begun_us`: when the monitor's earlier retrainings began. Data that fails its checks trains nothing: `bad_data` says what.
[[nodiscard]] Admission mayRetrain(const ir::Monitor& monitor, const Loop& loop, const std::vector<std::int64_t>& begun_us,
                                   const std::string& bad_data, std::int64_t now_us);
/// What the newest window of the champion says against its data; "" for nothing.
[[nodiscard]] std::string badData(const Evidence& evidence);

/// How long nothing follows a retraining: the declared cool-down, doubled with each held model, up to seven days.
[[nodiscard]] std::int64_t coolingTime(const ir::Monitor& monitor, std::int64_t holds);

}  // namespace cd4ml::loop
