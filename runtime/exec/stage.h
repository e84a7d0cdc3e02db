/// What became of one node in a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/engine/engine.h"
#include "runtime/exec/run_gate.h"

namespace cd4ml::exec {

enum class StageStatus : std::uint8_t { Ran, Cached, Failed, Skipped, Cancelled };
[[nodiscard]] std::string_view statusText(StageStatus status);

/// One output of a node.
struct SlotOutcome {
  std::string name;
  std::uint32_t index = 0;
  Digest key;
  engine::SlotContent content;
  bool ran = false;
  std::string preimage;  ///< what went into the key
};

/// A gate's verdict for one deploy; `deploy` is invalid for a gate that no deploy uses.
struct GateOutcome {
  ir::NodeId gate;
  ir::NodeId deploy;
  GateResult result;
  std::string champion_id;  ///< model id it was decided against; "" for none
};

/// One trial of a search.
struct TrialOutcome {
  std::size_t number = 0;       ///< from 1, in the order of the search, whenever it ran
  std::string options{};        ///< JSON object: what the trial set
  std::string metric{};
  std::optional<double> value{};  ///< of the metric on the validate part; none where it has no value
  double seconds = 0;
  bool cached = false;
};

struct StageResult {
  ir::NodeId node;
  StageStatus status = StageStatus::Skipped;
  double seconds = 0;
  std::uint64_t rows = 0;
  std::vector<SlotOutcome> slots{};
  std::vector<GateOutcome> gates{};
  std::string reason{};             ///< why it ran, failed or was skipped
  std::optional<Error> error{};
  std::vector<Error> warnings{};
  std::vector<std::pair<std::string, double>> phases{};
  std::vector<TrialOutcome> trials{};  ///< of a search that ran, in the order in which they ended
  std::size_t trials_in_all = 0;

  [[nodiscard]] std::size_t slotsRan() const;
  /// Slots that are columns (the checks of a source are none), and how many of them ran. 0 for a node without columns.
  [[nodiscard]] std::size_t columns(const ir::Pipeline& pipeline) const;
  [[nodiscard]] std::size_t columnsRan(const ir::Pipeline& pipeline) const;
  /// Of all slots together.
  [[nodiscard]] Digest key() const;
  [[nodiscard]] Digest content() const;
};

/// The events of cli.md as JSON lines (without line break): the `stage` event, a `metric` event each metric and slice,
/// a `gate` event each deploy.
[[nodiscard]] std::string stageEvent(const ir::Pipeline& pipeline, const StageResult& stage);
[[nodiscard]] std::vector<std::string> metricEvents(const ir::Pipeline& pipeline, const StageResult& stage);
[[nodiscard]] std::vector<std::string> gateEvents(const ir::Pipeline& pipeline, const StageResult& stage);
/// `{"v":1,"event":"trial","model":…,"trial":3,"params":{…},"metric":"auc","value":0.71,"seconds":1.2,"cached":false}`
[[nodiscard]] std::string trialEvent(const ir::Pipeline& pipeline, ir::NodeId model, const TrialOutcome& trial);
/// The stage event with a member "slots" (name, key, content, ran, pre-image), for the ledger.
[[nodiscard]] std::string stageRecord(const ir::Pipeline& pipeline, const StageResult& stage);

}  // namespace cd4ml::exec
