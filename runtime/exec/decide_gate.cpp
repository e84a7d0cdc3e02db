// A gate as a stage: its verdict for each deploy that uses it, from the cache or from the metrics at hand.
#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

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

/// Times the rows of each evaluate one by one.
Status measure(const ir::Gate& gate, const engine::Known& known, engine::Engine& engine, engine::TaskContext& context,
               const std::string& bundle, std::vector<std::vector<double>>& out) {
  for (const ir::NodeId evaluate : gate.evaluates) {
    CD4ML_TRY(out.emplace_back(), engine.rowLatencies(known, evaluate, bundle, context));
  }
  return Done{};
}

/// All metrics of each evaluate that `confident` checks name, on rows drawn again.
Status drawAgain(const ir::Gate& gate, const engine::Known& known, engine::Engine& engine, engine::TaskContext& context,
                 const std::string& champion, std::vector<engine::PairedReplicates>& out) {
  for (std::uint32_t e = 0; e < gate.evaluates.size(); ++e) {
    std::set<std::uint32_t> named;
    std::uint32_t last = 0;
    for (const ir::GateCheck& check : gate.checks) {
      if (!check.confident || check.usesChampion() == champion.empty()) continue;
      for (const ir::GateSide* side : {&check.left, &check.right}) {
        for (const auto& [factor, term] : side->terms) {
          if (term.kind == ir::GateTerm::Kind::Metric && term.evaluate == e) named.insert(term.metric), last = std::max(last, term.metric + 1);
        }
      }
    }
    engine::PairedReplicates placed;
    if (!named.empty()) {
      CD4ML_TRY(engine::PairedReplicates drawn, engine.replicate(known, gate.evaluates[e], {named.begin(), named.end()}, champion, context));
      // At the places that the terms of the gate know them by.
      placed.candidate.resize(last);
      if (!champion.empty()) placed.champion.resize(last);
      std::size_t next = 0;
      for (const std::uint32_t metric : named) {
        placed.candidate[metric] = std::move(drawn.candidate[next]);
        if (!champion.empty()) placed.champion[metric] = std::move(drawn.champion[next]);
        ++next;
      }
    }
    out.push_back(std::move(placed));
  }
  return Done{};
}

/// The processor's name and its threads.
std::string machineText() {
  std::ifstream file("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(": ");
    if (!line.starts_with("model name") || colon == std::string::npos) continue;
    model = line.substr(colon + 2);
    break;
  }
  return fmt::format("{}, {} threads", model, std::thread::hardware_concurrency());
}

std::string_view unitOf(const ir::GateSide& side) {
  for (const auto& [factor, term] : side.terms) {
    switch (term.kind) {
      case ir::GateTerm::Kind::Size: return "kB";
      case ir::GateTerm::Kind::Latency: return "ms";
      case ir::GateTerm::Kind::Metric:
      case ir::GateTerm::Kind::Constant:
      case ir::GateTerm::Kind::Rows: break;
    }
  }
  return {};
}

/// The wording is that of the present text, whatever it was when the verdict was first reached.
void useText(const ir::Gate& gate, GateResult& result) {
  for (std::size_t i = 0; i < result.checks.size() && i < gate.checks.size(); ++i) {
    result.checks[i].text = gate.checks[i].text;
    result.checks[i].unit = unitOf(gate.checks[i].left);
  }
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
  // What is measured is measured at each decision.
  const bool measured = needsOf(body).latency;
  if (const auto cached = measured ? std::nullopt : config_.cache->find(slot.key)) result = readGateValue(cached->value);
  std::vector<store::KeyLock> locks;
  if (!result) {
    CD4ML_TRY(locks, lockKeys(*config_.locks, {slot.key}, {}, config_.cancelled));
    // Another process may have decided it meanwhile.
    if (const auto cached = measured ? std::nullopt : config_.cache->find(slot.key)) result = readGateValue(cached->value);
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
  for (const ir::NodeId evaluate : gate.evaluates) {
    evidence.candidate.push_back(known.slots.at({evaluate, 0}).value);
    const ir::NodeId model = std::get<ir::Evaluate>(keyer_.pipeline()[evaluate].body).model;
    const auto slot = known.slots.find({model, 0});
    evidence.size.push_back(slot == known.slots.end() ? 0 : slot->second.bytes);
  }
  const GateNeeds needs = needsOf(gate);
  const ChampionRef* champion = usesChampion(gate) ? championOf(deploy) : nullptr;
  if (champion == nullptr && !needs.latency && !needs.replicates_alone) return evidence;
  CD4ML_TRY(engine::Engine * engine, config_.engine());
  engine::TaskContext context;
  context.threads = config_.jobs;
  context.cancelled = config_.cancelled;
  if (needs.latency) CD4ML_TRY_VOID(measure(gate, known, *engine, context, "", evidence.latency));
  if (needs.latency) evidence.machine = machineText();
  if (needs.replicates_alone) CD4ML_TRY_VOID(drawAgain(gate, known, *engine, context, "", evidence.alone));
  if (champion == nullptr) return evidence;
  evidence.champion = GateEvidence::Champion::Known;
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
  if (evidence.champion == GateEvidence::Champion::Unusable) return evidence;
  if (needs.champion_latency) CD4ML_TRY_VOID(measure(gate, known, *engine, context, champion->bundle, evidence.champion_latency));
  if (needs.replicates_paired) CD4ML_TRY_VOID(drawAgain(gate, known, *engine, context, champion->bundle, evidence.paired));
  return evidence;
}

}  // namespace cd4ml::exec
