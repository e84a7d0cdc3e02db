#include "runtime/exec/runner.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "runtime/exec/node_run.h"
#include "runtime/exec/source_files.h"

namespace cd4ml::exec {

namespace {

/// Which nodes run, in what order, and who waits for whom.
class Schedule {
 public:
  Schedule(const plan::Keyer& keyer, const Goal& goal) {
    if (!goal.nothing) {
      for (const ir::SlotRef slot : plan::wantedSlots(keyer, goal.nodes)) {
        if (isGateOrEffect(keyer.pipeline()[slot.node])) continue;
        slots_[slot.node].push_back(slot.slot);
      }
    }
    addPredictions(keyer, goal);
    for (const ir::NodeId gate : goal.gates) slots_[gate] = {};
    for (const auto& [node, slots] : slots_) {
      for (const ir::NodeId input : ir::inputsOf(keyer.pipeline()[node])) {
        if (slots_.contains(input)) inputs_[node].insert(input);
      }
    }
  }

  [[nodiscard]] const std::map<ir::NodeId, std::vector<std::uint32_t>>& nodes() const { return slots_; }
  [[nodiscard]] const std::set<ir::NodeId>& inputsOf(ir::NodeId node) const {
    static const std::set<ir::NodeId> none;
    const auto it = inputs_.find(node);
    return it == inputs_.end() ? none : it->second;
  }

 private:
  static bool isGateOrEffect(const ir::Node& node) {
    return std::holds_alternative<ir::Gate>(node.body) || std::holds_alternative<ir::Deploy>(node.body) ||
           std::holds_alternative<ir::Notify>(node.body) || std::holds_alternative<ir::Monitor>(node.body);
  }

  /// What gates read of other nodes.
  void addPredictions(const plan::Keyer& keyer, const Goal& goal) {
    for (const ir::NodeId gate : goal.gates) {
      for (const ir::SlotRef slot : keyer.inputsOf({gate, 0})) {
        std::vector<std::uint32_t>& slots = slots_[slot.node];
        if (std::find(slots.begin(), slots.end(), slot.slot) == slots.end()) slots.push_back(slot.slot);
        std::sort(slots.begin(), slots.end());
      }
    }
  }

  std::map<ir::NodeId, std::vector<std::uint32_t>> slots_;
  std::map<ir::NodeId, std::set<ir::NodeId>> inputs_;
};

class Run {
 public:
  Run(const ir::Pipeline& pipeline, const std::vector<ir::NodeId>& targets, const RunnerConfig& config, const Observer& observer)
      : pipeline_(pipeline), config_(config), observer_(serialised(observer)), keyer_(pipeline),
        schedule_(keyer_, goalOf(pipeline, targets)), nodes_(keyer_, config, observer_) {
    state_.engine.pipeline = &pipeline;
    for (const auto& [node, slots] : schedule_.nodes()) waiting_.insert(node);
  }

  RunOutcome finish() {
    identifyFiles();
    std::vector<std::thread> workers;
    const std::size_t count = std::min<std::size_t>(static_cast<std::size_t>(std::max(config_.jobs, 1)), waiting_.size());
    for (std::size_t i = 1; i < count; ++i) workers.emplace_back([this] { work(); });
    work();
    for (std::thread& worker : workers) worker.join();
    RunOutcome outcome;
    for (auto& [node, stage] : results_) outcome.stages.push_back(std::move(stage));
    outcome.known = std::move(state_.engine);
    outcome.root_key = plan::rootKey(keyer_, state_.plan, {config_.profile});
    outcome.failed = failed_;
    outcome.cancelled = isCancelled();
    return outcome;
  }

 private:
  [[nodiscard]] bool isCancelled() const { return config_.cancelled != nullptr && config_.cancelled->load(); }

  /// The observer's members, one call at a time.
  Observer serialised(const Observer& observer) {
    Observer one = observer;
    if (observer.started) one.started = [this, f = observer.started](ir::NodeId n) { const std::lock_guard l(telling_); f(n); };
    if (observer.waiting) one.waiting = [this, f = observer.waiting](ir::NodeId n) { const std::lock_guard l(telling_); f(n); };
    if (observer.finished) one.finished = [this, f = observer.finished](const StageResult& s) { const std::lock_guard l(telling_); f(s); };
    if (observer.warned) {
      one.warned = [this, f = observer.warned](ir::NodeId n, const Error& e) { const std::lock_guard l(telling_); f(n, e); };
    }
    if (observer.progress) {
      one.progress = [this, f = observer.progress](ir::NodeId n, std::uint64_t d, std::uint64_t t, std::string_view w) {
        const std::lock_guard l(telling_);
        f(n, d, t, w);
      };
    }
    if (observer.tried) {
      one.tried = [this, f = observer.tried](ir::NodeId n, const TrialOutcome& t) { const std::lock_guard l(telling_); f(n, t); };
    }
    return one;
  }

  /// Files of all nodes of the run, before anything runs: a missing file should not cost a training first.
  void identifyFiles() {
    for (const auto& [node, slots] : schedule_.nodes()) {
      if (ir::filesOf(pipeline_[node]).empty()) continue;
      Result<std::vector<engine::SourceFile>> files = sourceFiles(pipeline_[node], config_.folder, *config_.cache);
      if (!files.ok()) {
        StageResult stage{.node = node, .status = StageStatus::Failed};
        stage.reason = files.error().message;
        stage.error = files.error();
        waiting_.erase(node);
        close(std::move(stage));
        continue;
      }
      for (const engine::SourceFile& file : *files) state_.plan.files[node].push_back(file.content);
      state_.engine.files[node] = std::move(*files);
    }
  }

  void work() {
    std::unique_lock lock(state_.mutex);
    while (!waiting_.empty()) {
      const std::optional<ir::NodeId> node = nextNode();
      if (!node) {
        if (waiting_.empty()) break;
        changed_.wait(lock);
        continue;
      }
      waiting_.erase(*node);
      ++running_;
      const int threads = std::max(1, config_.jobs / running_);
      lock.unlock();
      const bool is_gate = std::holds_alternative<ir::Gate>(pipeline_[*node].body);
      StageResult stage = is_gate ? nodes_.runGate(*node, state_)
                                  : nodes_.run(*node, schedule_.nodes().at(*node), state_, threads);
      lock.lock();
      --running_;
      close(std::move(stage));
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  /// A node all of whose inputs are there. Nodes that cannot run any more are closed on the way.
  std::optional<ir::NodeId> nextNode() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const ir::NodeId node = *it;
      const std::optional<StageResult> given_up = whyNot(node);
      if (given_up) {
        it = waiting_.erase(it);
        close(*given_up);
        continue;
      }
      if (isReady(node)) return node;
      ++it;
    }
    return std::nullopt;
  }

  bool isReady(ir::NodeId node) const {
    const std::set<ir::NodeId>& inputs = schedule_.inputsOf(node);
    return std::all_of(inputs.begin(), inputs.end(), [&](ir::NodeId input) { return results_.contains(input); });
  }

  std::optional<StageResult> whyNot(ir::NodeId node) const {
    StageResult stage{.node = node, .status = StageStatus::Skipped};
    if (isCancelled()) {
      stage.status = StageStatus::Cancelled;
      return stage;
    }
    for (const ir::NodeId input : schedule_.inputsOf(node)) {
      const auto it = results_.find(input);
      if (it == results_.end()) continue;
      if (it->second.status == StageStatus::Ran || it->second.status == StageStatus::Cached) continue;
      stage.reason = fmt::format("`{}` {}", pipeline_[input].name, it->second.status == StageStatus::Failed ? "failed" : "was skipped");
      return stage;
    }
    if (failed_ && !config_.keep_going) {
      stage.reason = "another stage failed";
      return stage;
    }
    return std::nullopt;
  }

  void close(StageResult stage) {
    failed_ |= stage.status == StageStatus::Failed;
    if (stage.status == StageStatus::Ran || stage.status == StageStatus::Cached) addKnown(stage, state_);
    if (observer_.finished) observer_.finished(stage);
    const ir::NodeId node = stage.node;
    results_.emplace(node, std::move(stage));
  }

  const ir::Pipeline& pipeline_;
  const RunnerConfig& config_;
  std::mutex telling_;
  Observer observer_;
  plan::Keyer keyer_;
  Schedule schedule_;
  NodeRun nodes_;

  std::condition_variable changed_;
  RunState state_;
  std::set<ir::NodeId> waiting_;
  std::map<ir::NodeId, StageResult> results_;
  int running_ = 0;
  bool failed_ = false;
};

}  // namespace

std::vector<const GateOutcome*> RunOutcome::gates() const {
  std::vector<const GateOutcome*> all;
  for (const StageResult& stage : stages) {
    for (const GateOutcome& gate : stage.gates) all.push_back(&gate);
  }
  return all;
}

bool RunOutcome::held() const {
  const auto all = gates();
  return std::any_of(all.begin(), all.end(), [](const GateOutcome* gate) { return gate->result.verdict != GateVerdict::Pass; });
}

RunOutcome runPipeline(const ir::Pipeline& normalised, const std::vector<ir::NodeId>& targets, const RunnerConfig& config,
                       const Observer& observer) {
  return Run(normalised, targets, config, observer).finish();
}

}  // namespace cd4ml::exec
