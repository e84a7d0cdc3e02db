/// One node of a run: keys of its wanted slots, what the cache has, what the engine must compute.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "compiler/plan/keyer.h"
#include "runtime/exec/runner.h"

namespace cd4ml::exec {

/// What the stages of a run share, read and written under its mutex.
struct RunState {
  std::mutex mutex;
  engine::Known engine;
  plan::Known plan;

  /// A copy for the engine, which reads it while other stages end.
  [[nodiscard]] engine::Known snapshot() {
    const std::lock_guard lock(mutex);
    return engine;
  }
};

/// Adds what became known of a stage. The mutex is held.
void addKnown(const StageResult& stage, RunState& state);

/// Takes the locks of all keys, or none of them: to wait for one while holding another could wait for ever. `waiting` may
/// be null.
[[nodiscard]] Result<std::vector<store::KeyLock>> lockKeys(const store::KeyLocks& locks, const std::vector<Digest>& keys,
                                                           const std::function<void()>& waiting,
                                                           const std::atomic<bool>* cancelled);

/// Quiet: the work is part of another stage, and nothing is remembered as what its node did last.
enum class Trace : std::uint8_t { Told, Quiet };

class NodeRun {
 public:
  NodeRun(const plan::Keyer& keyer, const RunnerConfig& config, const Observer& observer, Trace trace = Trace::Told)
      : keyer_(keyer), config_(config), observer_(observer), trace_(trace) {}

  /// Brings `slots` of `node` up to date; everything they read is known in `state`.
  [[nodiscard]] StageResult run(ir::NodeId node, const std::vector<std::uint32_t>& slots, RunState& state, int threads) const;
  /// Decides a gate for each deploy that uses it.
  [[nodiscard]] StageResult runGate(ir::NodeId gate, RunState& state) const;

 private:
  /// Adds the slots whose keys can be made; gives those that must wait for others of this node.
  std::vector<std::uint32_t> prepare(ir::NodeId node, const std::vector<std::uint32_t>& slots, RunState& state, StageResult& stage) const;
  void lookUp(StageResult& stage, std::size_t from, std::vector<std::size_t>& missing) const;
  Status compute(RunState& state, int threads, StageResult& stage, std::vector<std::size_t> missing) const;
  Status runEngine(const engine::Known& known, int threads, StageResult& stage, const std::vector<std::size_t>& missing) const;
  Status runFound(RunState& state, int threads, StageResult& stage, const std::vector<std::size_t>& missing) const;
  [[nodiscard]] std::string reasonFor(const SlotOutcome& slot, ir::NodeId node) const;
  void remember(const StageResult& stage) const;
  Status decideFor(ir::NodeId gate, ir::NodeId deploy, RunState& state, StageResult& stage) const;
  Result<GateEvidence> evidenceFor(const ir::Gate& gate, ir::NodeId deploy, const engine::Known& known) const;
  [[nodiscard]] const ChampionRef* championOf(ir::NodeId deploy) const;
  void cancelOrFail(StageResult& stage, Error error) const;

  const plan::Keyer& keyer_;
  const RunnerConfig& config_;
  const Observer& observer_;
  Trace trace_;
};

}  // namespace cd4ml::exec
