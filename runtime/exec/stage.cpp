#include "runtime/exec/stage.h"

#include <algorithm>
#include <set>

#include "runtime/track/json.h"

namespace cd4ml::exec {

namespace {

using track::Json;
using track::textOf;

/// Sources, tables and features have a slot a column (features: target and weight too); the checks of a source are none.
bool isColumn(const ir::Node& node, const SlotOutcome& slot) {
  if (node.columns.empty()) return false;
  return slot.index < node.columns.size() || std::holds_alternative<ir::Features>(node.body);
}

Json stageJson(const ir::Pipeline& pipeline, const StageResult& stage) {
  const ir::Node& node = pipeline[stage.node];
  Json event{{"v", 1}, {"event", "stage"}, {"name", node.name}, {"kind", ir::kindText(node)},
             {"status", statusText(stage.status)}, {"seconds", stage.seconds}};
  const bool done = stage.status == StageStatus::Ran || stage.status == StageStatus::Cached;
  if (done) {
    event["rows"] = stage.rows;
    const std::size_t ran = stage.columnsRan(pipeline);
    if (stage.columns(pipeline) > 0) event["columns"] = {{"ran", ran}, {"cached", stage.columns(pipeline) - ran}};
    event["key"] = stage.key().text();
    event["content"] = stage.content().text();
  }
  if (!stage.reason.empty()) event["reason"] = stage.reason;
  if (!stage.phases.empty()) {
    Json phases = Json::object();
    for (const auto& [phase, seconds] : stage.phases) phases[phase] = phases.value(phase, 0.0) + seconds;
    event["phases"] = phases;
  }
  if (stage.error) event["error"] = {{"code", stage.error->code}, {"message", stage.error->describe()}, {"help", stage.error->help}};
  Json warnings = Json::array();
  for (const Error& warning : stage.warnings) warnings.push_back({{"code", warning.code}, {"message", warning.describe()}});
  if (!warnings.empty()) event["warnings"] = warnings;
  return event;
}

Digest combined(const StageResult& stage, const Digest& (*part)(const SlotOutcome&)) {
  Hasher hasher("cd4ml stage");
  hasher.u64(stage.slots.size());
  for (const SlotOutcome& slot : stage.slots) hasher.digest(part(slot));
  return hasher.finish();
}

const Digest& keyOfSlot(const SlotOutcome& slot) { return slot.key; }
const Digest& contentOfSlot(const SlotOutcome& slot) { return slot.content.content; }

}  // namespace

std::string_view statusText(StageStatus status) {
  switch (status) {
    case StageStatus::Ran: return "ran";
    case StageStatus::Cached: return "cached";
    case StageStatus::Failed: return "failed";
    case StageStatus::Skipped: return "skipped";
    case StageStatus::Cancelled: return "cancelled";
  }
  CD4ML_UNREACHABLE("StageStatus");
}

std::size_t StageResult::slotsRan() const {
  return static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), [](const SlotOutcome& s) { return s.ran; }));
}

std::size_t StageResult::columns(const ir::Pipeline& pipeline) const {
  const ir::Node& declared = pipeline[node];
  return static_cast<std::size_t>(std::count_if(slots.begin(), slots.end(), [&](const SlotOutcome& s) { return isColumn(declared, s); }));
}

std::size_t StageResult::columnsRan(const ir::Pipeline& pipeline) const {
  const ir::Node& declared = pipeline[node];
  return static_cast<std::size_t>(
      std::count_if(slots.begin(), slots.end(), [&](const SlotOutcome& s) { return s.ran && isColumn(declared, s); }));
}

Digest StageResult::key() const { return slots.size() == 1 ? slots[0].key : combined(*this, keyOfSlot); }
Digest StageResult::content() const { return slots.size() == 1 ? slots[0].content.content : combined(*this, contentOfSlot); }

std::string stageEvent(const ir::Pipeline& pipeline, const StageResult& stage) { return stageJson(pipeline, stage).dump(); }

std::string stageRecord(const ir::Pipeline& pipeline, const StageResult& stage) {
  Json event = stageJson(pipeline, stage);
  Json slots = Json::array();
  for (const SlotOutcome& slot : stage.slots) {
    slots.push_back({{"name", slot.name}, {"ran", slot.ran}, {"key", slot.key.text()}, {"content", slot.content.content.text()},
                     {"preimage", slot.preimage}});
  }
  event["slots"] = std::move(slots);
  return event.dump();
}

std::vector<std::string> metricEvents(const ir::Pipeline& pipeline, const StageResult& stage) {
  std::vector<std::string> events;
  const ir::Node& node = pipeline[stage.node];
  const auto* evaluate = std::get_if<ir::Evaluate>(&node.body);
  if (evaluate == nullptr || stage.slots.empty()) return events;
  const Json base{{"v", 1}, {"event", "metric"}, {"evaluate", node.name}, {"model", pipeline[evaluate->model].name},
                  {"part", ir::partText(evaluate->part)}};
  const Json metrics = track::parseJson(stage.slots[0].content.value);
  std::set<std::string> told;
  for (const Json& metric : metrics.value("metrics", Json::array())) {
    Json event = base;
    event["name"] = textOf(metric, "name");
    if (evaluate->in_sample) event["in_sample"] = true;
    // `auc` and `auc by origin` have the same whole value: it is told once.
    if (metric.contains("value") && told.insert(textOf(metric, "name")).second) {
      Json whole = event;
      for (const char* member : {"value", "rows", "reason", "table"}) {
        if (metric.contains(member)) whole[member] = metric[member];
      }
      events.push_back(whole.dump());
    }
    for (const Json& slice : metric.value("slices", Json::array())) {
      Json part = event;
      part["slice"] = slice.value("by", Json::object());
      for (const char* member : {"value", "rows", "reason"}) {
        if (slice.contains(member)) part[member] = slice[member];
      }
      events.push_back(part.dump());
    }
  }
  return events;
}

std::string trialEvent(const ir::Pipeline& pipeline, ir::NodeId model, const TrialOutcome& trial) {
  return Json{{"v", 1}, {"event", "trial"}, {"model", pipeline[model].name}, {"trial", trial.number}, {"params", track::parseJson(trial.options)},
              {"metric", trial.metric}, {"value", trial.value ? Json(*trial.value) : Json()}, {"seconds", trial.seconds}, {"cached", trial.cached}}
      .dump();
}

std::vector<std::string> gateEvents(const ir::Pipeline& pipeline, const StageResult& stage) {
  std::vector<std::string> events;
  for (const GateOutcome& gate : stage.gates) {
    Json event{{"v", 1}, {"event", "gate"}, {"name", pipeline[gate.gate].name}};
    if (gate.deploy.valid()) event["deploy"] = pipeline[gate.deploy].name;
    event["verdict"] = verdictText(gate.result.verdict);
    event["checks"] = track::parseJson(gateValue(gate.result))["checks"];
    events.push_back(event.dump());
  }
  return events;
}

}  // namespace cd4ml::exec
