/// The verdict of a gate for one deploy, from the metrics of the candidate and of its champion (semantics.md).
///
/// A check is pass, fail, warn (a `warn` that does not hold), first_release (it compares with a champion and there is
/// none) or inconclusive (with the reason). A gate is held if a check fails, inconclusive if one could not be decided,
/// else pass. Pure: whoever calls has the metrics already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/engine/engine.h"

namespace cd4ml::exec {

enum class CheckVerdict : std::uint8_t { Pass, Fail, Warn, FirstRelease, Inconclusive };
enum class GateVerdict : std::uint8_t { Pass, Held, Inconclusive };
[[nodiscard]] std::string_view verdictText(CheckVerdict verdict);
[[nodiscard]] std::string_view verdictText(GateVerdict verdict);

struct CheckResult {
  std::string text;             ///< as written
  std::optional<double> value;  ///< of the left side
  std::optional<double> limit;  ///< of the right side
  CheckVerdict verdict = CheckVerdict::Pass;
  std::string reason;           ///< of inconclusive, first_release, and of what `confident` and `for P%` did not grant
  std::optional<double> confidence{};  ///< of `confident`: the share of replicates in which the check holds
  std::string unit{};           ///< of value and limit, where they are no metric: "kB" of a size, "ms" of a latency
};

struct GateResult {
  GateVerdict verdict = GateVerdict::Pass;
  std::vector<CheckResult> checks;
  std::string machine{};        ///< where a `latency` was measured; else empty
};

/// What a gate is decided on. Metrics are the JSON of docs/design/0001-bones.md, one an evaluate of the gate.
struct GateEvidence {
  std::vector<std::string> candidate;
  enum class Champion : std::uint8_t { None, Known, Unusable } champion = Champion::None;
  std::vector<std::string> champion_metrics;  ///< when Known
  std::string champion_reason;                ///< when Unusable: why it cannot be scored
  std::vector<std::uint64_t> size{};          ///< bytes of the candidate, one an evaluate
  /// Milliseconds a row, rising, one list an evaluate; empty where nobody asks.
  std::vector<std::vector<double>> latency{};
  std::vector<std::vector<double>> champion_latency{};
  /// Bootstrap replicates, one an evaluate; `alone` on all rows, `paired` on those that the champion was not fitted on.
  /// Of the metrics of the evaluate in their order; empty where nobody asks.
  std::vector<engine::PairedReplicates> alone{};
  std::vector<engine::PairedReplicates> paired{};
  std::string machine{};
};

/// What a gate asks of the engine beyond the metrics.
struct GateNeeds {
  bool latency = false;
  bool champion_latency = false;
  bool replicates_alone = false;   ///< some `confident` check without the champion
  bool replicates_paired = false;  ///< some `confident` check with it
};
[[nodiscard]] GateNeeds needsOf(const ir::Gate& gate);

[[nodiscard]] GateResult judgeGate(const ir::Pipeline& pipeline, const ir::Gate& gate, const GateEvidence& evidence);

/// JSON of the checks, as in the `gate` event: what is stored as the slot's value and hashed as its content.
[[nodiscard]] std::string gateValue(const GateResult& result);
[[nodiscard]] std::optional<GateResult> readGateValue(std::string_view json);

}  // namespace cd4ml::exec
