// A gate as a stage: its verdict for each deploy that uses it, from the cache or from the metrics at hand.
#include <fmt/format.h>

#include "runtime/exec/clock.h"
#include "runtime/exec/node_run.h"

namespace cd4ml::exec {

namespace {

std::vector<ir::NodeId> deploysOf(const ir::Pipeline& pipeline, ir::NodeId gate) {
  std::vector<ir::NodeId> deploys;
  for (std::uint32_t i = 0; i < pipeline.nodes.size(); ++i) {
    const auto* deploy = std::get_if<ir::Deploy>(&pipeline.nodes[i].body);
    if (deploy != nullptr && deploy->gate == gate) deploys.push_back({i});
  }
  // A gate that nobody uses yet is judged all the same: one wants to see it pass before one deploys.
  if (deploys.empty()) deploys.push_back({});
  return deploys;
}

bool usesChampion(const ir::Gate& gate) {
  for (const ir::GateCheck& check : gate.checks) {
    if (check.usesChampion()) return true;
  }
  return false;
}

/// Id of a verdict: what was decided, without the wording of the checks.
Digest verdictId(const GateResult& result) {
  Hasher hasher("cd4ml gate verdict");
  hasher.string(verdictText(result.verdict)).u64(result.checks.size());
  for (const CheckResult& check : result.checks) {
    hasher.string(verdictText(check.verdict)).string(fmt::format("{}", check.value.value_or(0)));
    hasher.string(fmt::format("{}", check.limit.value_or(0))).string(check.reason);
  }
  return hasher.finish();
}

/// The wording is that of the present text, whatever it was when the verdict was first reached.
void useText(const ir::Gate& gate, GateResult& result) {
  for (std::size_t i = 0; i < result.checks.size() && i < gate.checks.size(); ++i) result.checks[i].text = gate.checks[i].text;
}

}  // namespace

const ChampionRef* NodeRun::championOf(ir::NodeId deploy) const {
  if (!deploy.valid()) return nullptr;
  const auto it = config_.champions.find(keyer_.pipeline()[deploy].name);
  return it == config_.champions.end() ? nullptr : &it->second;
}

StageResult NodeRun::runGate(ir::NodeId gate, RunState& state) const {
  StageResult stage{.node = gate};
  stage.status = StageStatus::Cached;
  const Stopwatch watch;
  for (const ir::NodeId deploy : deploysOf(keyer_.pipeline(), gate)) {
    Status done = decideFor(gate, deploy, state, stage);
    if (!done.ok()) {
      cancelOrFail(stage, std::move(done).error());
      break;
    }
  }
  if (stage.status == StageStatus::Cached && stage.slotsRan() > 0) stage.status = StageStatus::Ran;
  stage.seconds = watch.seconds();
  if (stage.status == StageStatus::Cached || stage.status == StageStatus::Ran) remember(stage);
  return stage;
}

Status NodeRun::decideFor(ir::NodeId gate, ir::NodeId deploy, RunState& state, StageResult& stage) const {
  const auto& body = std::get<ir::Gate>(keyer_.pipeline()[gate].body);
  const ChampionRef* champion = usesChampion(body) ? championOf(deploy) : nullptr;
  plan::GateSetting setting{.deploy = deploy, .profile = config_.profile, .champion = {}};
  if (champion != nullptr) setting.champion = champion->id;
  std::unique_lock lock(state.mutex);
  const std::optional<plan::Key> key = keyer_.gateKey(gate, setting, state.plan);
  lock.unlock();
  CD4ML_CHECK(key.has_value());
  SlotOutcome slot;
  slot.name = deploy.valid() ? keyer_.pipeline()[deploy].name : "verdict";
  slot.key = key->id;
  slot.preimage = plan::writeParts(key->parts);

  std::optional<GateResult> result;
  if (const auto cached = config_.cache->find(slot.key)) result = readGateValue(cached->value);
  std::vector<store::KeyLock> locks;
  if (!result) {
    CD4ML_TRY(locks, lockKeys(*config_.locks, {slot.key}, {}, config_.cancelled));
    // Another process may have decided it meanwhile.
    if (const auto cached = config_.cache->find(slot.key)) result = readGateValue(cached->value);
  }
  if (!result) {
    stage.reason = reasonFor(slot, gate);
    CD4ML_TRY(const GateEvidence evidence, evidenceFor(body, deploy, state.snapshot()));
    result = judgeGate(keyer_.pipeline(), body, evidence);
    slot.ran = true;
  }
  useText(body, *result);
  slot.content.content = verdictId(*result);
  slot.content.value = gateValue(*result);
  if (slot.ran) {
    const store::CachedResult cached{.content = slot.content.content, .value = slot.content.value, .preimage = slot.preimage};
    CD4ML_TRY_VOID(config_.cache->put({{slot.key, cached}}));
  }
  const ChampionRef* present = championOf(deploy);
  stage.gates.push_back({.gate = gate, .deploy = deploy, .result = std::move(*result),
                         .champion_id = present == nullptr ? "" : present->id.text()});
  stage.slots.push_back(std::move(slot));
  return Done{};
}

Result<GateEvidence> NodeRun::evidenceFor(const ir::Gate& gate, ir::NodeId deploy, const engine::Known& known) const {
  GateEvidence evidence;
  for (const ir::NodeId evaluate : gate.evaluates) evidence.candidate.push_back(known.slots.at({evaluate, 0}).value);
  const ChampionRef* champion = usesChampion(gate) ? championOf(deploy) : nullptr;
  if (champion == nullptr) return evidence;
  evidence.champion = GateEvidence::Champion::Known;
  CD4ML_TRY(engine::Engine * engine, config_.engine());
  engine::TaskContext context;
  context.threads = config_.jobs;
  context.cancelled = config_.cancelled;
  for (const ir::NodeId evaluate : gate.evaluates) {
    const Result<std::string> metrics = engine->evaluateBundle(known, evaluate, champion->bundle, context);
    if (!metrics.ok()) {
      if (config_.cancelled != nullptr && config_.cancelled->load()) return metrics.error();
      evidence.champion = GateEvidence::Champion::Unusable;
      evidence.champion_reason = "the champion cannot be scored: " + metrics.error().describe();
      break;
    }
    evidence.champion_metrics.push_back(*metrics);
  }
  return evidence;
}

}  // namespace cd4ml::exec
