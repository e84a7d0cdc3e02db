/// Brings nodes up to date: from the cache where their keys are known, else by the engine; in parallel where they do not
/// depend on each other; each key once, whatever other processes do.
///
/// A failed node leaves nothing behind (failures are never cached); nodes below it are skipped. An output that did not
/// change gives the nodes below the keys they had: the wave stops there by itself.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "compiler/plan/keyer.h"
#include "runtime/engine/engine.h"
#include "runtime/exec/stage.h"
#include "runtime/store/cache_db.h"
#include "runtime/store/key_lock.h"

namespace cd4ml::exec {

/// What a run tells while it goes on; members may be null and are called from any thread, one at a time.
struct Observer {
  std::function<void(ir::NodeId node)> started;
  std::function<void(ir::NodeId node, std::uint64_t done, std::uint64_t total, std::string_view what)> progress;
  std::function<void(ir::NodeId node, const Error& warning)> warned;
  std::function<void(ir::NodeId node)> waiting;  ///< another process is at work on the same key
  std::function<void(const StageResult& stage)> finished;
  std::function<void(ir::NodeId node, const TrialOutcome& trial)> tried;  ///< a trial of a search has its metric
};

/// The model that a deploy has now.
struct ChampionRef {
  Digest id;
  std::string bundle;  ///< path
};

struct RunnerConfig {
  std::string folder;                                    ///< of the entry file
  std::string profile = "default";
  int jobs = 1;
  bool keep_going = false;
  const std::atomic<bool>* cancelled = nullptr;
  std::function<Result<engine::Engine*>()> engine;       ///< opened the first time it is asked for
  std::shared_ptr<store::CacheDb> cache;
  std::shared_ptr<store::KeyLocks> locks;
  std::map<std::string, ChampionRef> champions;          ///< by deploy name; deploys without one are absent
};

struct RunOutcome {
  std::vector<StageResult> stages;  ///< in the order of the pipeline
  engine::Known known;
  std::optional<Digest> root_key;
  bool failed = false;
  bool cancelled = false;

  [[nodiscard]] std::vector<const GateOutcome*> gates() const;
  [[nodiscard]] bool held() const;
};

/// Runs `targets` of the pipeline (in normal form); no targets: everything but effects.
[[nodiscard]] RunOutcome runPipeline(const ir::Pipeline& normalised, const std::vector<ir::NodeId>& targets,
                                     const RunnerConfig& config, const Observer& observer);

/// What the cache knows a slot by from run to run: "flights/default/trip.hour".
[[nodiscard]] std::string slotLabel(const ir::Pipeline& pipeline, const std::string& profile, ir::NodeId node, std::string_view slot);

/// The nodes that a run of `targets` brings up to date in the engine's sense, and the gates it decides.
struct Goal {
  std::vector<ir::NodeId> nodes;  ///< targets, with deploys and gates replaced by what they need; empty: every node
  std::vector<ir::NodeId> gates;
  bool nothing = false;           ///< the targets are effects alone
};
[[nodiscard]] Goal goalOf(const ir::Pipeline& pipeline, const std::vector<ir::NodeId>& targets);

}  // namespace cd4ml::exec
