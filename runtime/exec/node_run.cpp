#include "runtime/exec/node_run.h"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>

#include "runtime/exec/clock.h"
#include "runtime/exec/model_search.h"
#include "runtime/exec/source_files.h"

namespace cd4ml::exec {

namespace {

engine::SlotContent contentOf(const store::CachedResult& cached) {
  return {.content = cached.content, .parts = cached.parts, .rows = cached.rows, .bytes = cached.bytes, .stored = cached.stored,
          .value = cached.value};
}

store::CachedResult cachedOf(const SlotOutcome& slot, double seconds) {
  return {.content = slot.content.content, .parts = slot.content.parts, .rows = slot.content.rows, .bytes = slot.content.bytes,
          .stored = slot.content.stored, .value = slot.content.value, .seconds = seconds, .preimage = slot.preimage};
}

bool isSource(const ir::Pipeline& pipeline, ir::NodeId node) { return std::holds_alternative<ir::Source>(pipeline[node].body); }

}  // namespace

Result<std::vector<store::KeyLock>> lockKeys(const store::KeyLocks& locks, const std::vector<Digest>& keys,
                                             const std::function<void()>& waiting, const std::atomic<bool>* cancelled) {
  std::vector<store::KeyLock> held;
  for (std::size_t i = 0; i < keys.size();) {
    CD4ML_TRY(std::optional<store::KeyLock> lock, locks.tryAcquire(keys[i]));
    if (lock) {
      held.push_back(std::move(*lock));
      ++i;
      continue;
    }
    held.clear();
    CD4ML_TRY(const std::optional<store::KeyLock> waited, locks.acquire(keys[i], waiting, cancelled));
    if (!waited) return makeError("CD4104", "cancelled while another run holds the state");
    i = 0;
  }
  return held;
}

void addKnown(const StageResult& stage, RunState& state) {
  // Slots of a gate are its verdicts, one a deploy: no node reads them.
  if (!stage.gates.empty()) return;
  for (const SlotOutcome& slot : stage.slots) {
    const ir::SlotRef ref{stage.node, slot.index};
    state.engine.slots[ref] = slot.content;
    state.plan.slots[ref] = {.id = slot.content.content, .parts = slot.content.parts, .rows = slot.content.rows};
  }
}

StageResult NodeRun::run(ir::NodeId node, const std::vector<std::uint32_t>& slots, RunState& state, int threads) const {
  StageResult stage{.node = node};
  stage.status = StageStatus::Cached;
  const Stopwatch watch;
  // Some slots are keyed by others of their own node: the checks of a source by its columns. They come a step later.
  std::vector<std::uint32_t> left = slots;
  Status done = Done{};
  while (done.ok() && !left.empty()) {
    const std::size_t before = stage.slots.size();
    left = prepare(node, left, state, stage);
    CD4ML_CHECK(stage.slots.size() > before);
    std::vector<std::size_t> missing;
    lookUp(stage, before, missing);
    if (!missing.empty()) done = compute(state, threads, stage, std::move(missing));
    const std::lock_guard lock(state.mutex);
    if (done.ok()) addKnown(stage, state);
  }
  if (!done.ok()) cancelOrFail(stage, std::move(done).error());
  std::sort(stage.slots.begin(), stage.slots.end(), [](const SlotOutcome& a, const SlotOutcome& b) { return a.index < b.index; });
  for (const SlotOutcome& slot : stage.slots) stage.rows = std::max(stage.rows, slot.content.rows);
  stage.seconds = watch.seconds();
  const bool done_well = stage.status == StageStatus::Ran || stage.status == StageStatus::Cached;
  if (done_well && trace_ == Trace::Told) remember(stage);
  return stage;
}

std::vector<std::uint32_t> NodeRun::prepare(ir::NodeId node, const std::vector<std::uint32_t>& slots, RunState& state,
                                            StageResult& stage) const {
  const std::vector<std::string> names = ir::slotNames(keyer_.pipeline()[node]);
  std::vector<std::uint32_t> later;
  const std::lock_guard lock(state.mutex);
  for (const std::uint32_t slot : slots) {
    const std::optional<plan::Key> key = keyer_.key({node, slot}, state.plan);
    if (!key) {
      later.push_back(slot);
      continue;
    }
    SlotOutcome outcome;
    outcome.name = names[slot];
    outcome.index = slot;
    outcome.key = key->id;
    outcome.preimage = plan::writeParts(key->parts);
    stage.slots.push_back(std::move(outcome));
  }
  return later;
}

void NodeRun::lookUp(StageResult& stage, std::size_t from, std::vector<std::size_t>& missing) const {
  missing.clear();
  for (std::size_t i = from; i < stage.slots.size(); ++i) {
    const std::optional<store::CachedResult> cached = config_.cache->find(stage.slots[i].key);
    if (cached) {
      stage.slots[i].content = contentOf(*cached);
    } else {
      missing.push_back(i);
    }
  }
}

Status NodeRun::compute(RunState& state, int threads, StageResult& stage, std::vector<std::size_t> missing) const {
  if (stage.reason.empty()) {
    stage.reason = trace_ == Trace::Told ? reasonFor(stage.slots[missing.front()], stage.node) : "part of another stage";
    if (observer_.started) observer_.started(stage.node);
  }
  std::vector<Digest> keys;
  for (const std::size_t i : missing) keys.push_back(stage.slots[i].key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  const auto waiting = [&] {
    if (observer_.waiting) observer_.waiting(stage.node);
  };
  CD4ML_TRY(const std::vector<store::KeyLock> locks, lockKeys(*config_.locks, keys, waiting, config_.cancelled));
  // Another process may have finished the work between the look into the cache and the lock.
  lookUp(stage, missing.front(), missing);
  if (missing.empty()) {
    if (stage.status != StageStatus::Ran) stage.reason.clear();
    return Done{};
  }
  const Stopwatch watch;
  std::vector<std::size_t> found;
  std::vector<std::size_t> plain = missing;
  if (const auto* model = std::get_if<ir::Model>(&keyer_.pipeline()[stage.node].body)) {
    const auto is_found = [&](std::size_t i) { return ModelSearch::finds(*model, stage.slots[i].index); };
    std::copy_if(missing.begin(), missing.end(), std::back_inserter(found), is_found);
    std::erase_if(plain, is_found);
  }
  if (!plain.empty()) CD4ML_TRY_VOID(runEngine(state.snapshot(), threads, stage, plain));
  if (!found.empty()) CD4ML_TRY_VOID(runFound(state, threads, stage, found));
  stage.status = StageStatus::Ran;
  std::vector<std::pair<Digest, store::CachedResult>> results;
  for (const std::size_t i : missing) results.emplace_back(stage.slots[i].key, cachedOf(stage.slots[i], watch.seconds()));
  return config_.cache->put(results);
}

Status NodeRun::runFound(RunState& state, int threads, StageResult& stage, const std::vector<std::size_t>& missing) const {
  std::vector<std::uint32_t> wanted;
  for (const std::size_t i : missing) wanted.push_back(stage.slots[i].index);
  ModelSearch search(keyer_.pipeline(), stage.node, state, config_, observer_, stage);
  CD4ML_TRY(std::vector<engine::SlotContent> contents, search.run(wanted, threads));
  for (std::size_t k = 0; k < missing.size(); ++k) {
    stage.slots[missing[k]].content = std::move(contents[k]);
    stage.slots[missing[k]].ran = true;
  }
  return Done{};
}

Status NodeRun::runEngine(const engine::Known& known, int threads, StageResult& stage,
                          const std::vector<std::size_t>& missing) const {
  std::mutex mutex;
  engine::TaskContext context;
  context.threads = threads;
  context.cancelled = config_.cancelled;
  context.progress = [&](std::uint64_t done, std::uint64_t total, std::string_view what) {
    if (observer_.progress) observer_.progress(stage.node, done, total, what);
  };
  context.warn = [&](const Error& warning) {
    const std::lock_guard lock(mutex);
    stage.warnings.push_back(warning);
    if (observer_.warned) observer_.warned(stage.node, warning);
  };
  context.phase = [&](std::string_view phase, double seconds) {
    const std::lock_guard lock(mutex);
    stage.phases.emplace_back(std::string(phase), seconds);
  };
  CD4ML_TRY(engine::Engine * engine, config_.engine());
  std::vector<std::uint32_t> wanted;
  for (const std::size_t i : missing) wanted.push_back(stage.slots[i].index);
  CD4ML_TRY(std::vector<engine::SlotContent> contents, engine->run(known, stage.node, wanted, context));
  CD4ML_CHECK(contents.size() == wanted.size());
  for (std::size_t k = 0; k < missing.size(); ++k) {
    stage.slots[missing[k]].content = std::move(contents[k]);
    stage.slots[missing[k]].ran = true;
  }
  if (!isSource(keyer_.pipeline(), stage.node) || !known.files.contains(stage.node)) return Done{};
  // A file that was replaced while it was read gave rows that its key does not stand for: nothing of it is kept.
  CD4ML_TRY(const std::vector<engine::SourceFile> now, sourceFiles(keyer_.pipeline()[stage.node], config_.folder, *config_.cache));
  const std::vector<engine::SourceFile>& before = known.files.at(stage.node);
  const bool same = now.size() == before.size() && std::equal(now.begin(), now.end(), before.begin(), [](const auto& a, const auto& b) {
                      return a.content == b.content && a.path == b.path;
                    });
  if (same) return Done{};
  return makeError("CD5013", fmt::format("a file of source `{}` changed while it was read", keyer_.pipeline()[stage.node].name),
                   keyer_.pipeline()[stage.node].name_span);
}

std::string slotLabel(const ir::Pipeline& pipeline, const std::string& profile, ir::NodeId node, std::string_view slot) {
  return fmt::format("{}/{}/{}.{}", pipeline.name, profile, pipeline[node].name, slot);
}

std::string NodeRun::reasonFor(const SlotOutcome& slot, ir::NodeId node) const {
  const std::optional<Digest> last = config_.cache->lastKey(slotLabel(keyer_.pipeline(), config_.profile, node, slot.name));
  if (!last) return keyer_.pipeline()[node].columns.empty() ? "new" : fmt::format("`{}` is new", slot.name);
  const std::optional<store::CachedResult> before = config_.cache->find(*last);
  if (!before) return "its last result is gone";
  const std::vector<std::string> differences =
      plan::describeDifference(plan::readParts(before->preimage), plan::readParts(slot.preimage));
  return differences.empty() ? "its last result is gone" : differences.front();
}

void NodeRun::remember(const StageResult& stage) const {
  std::vector<std::pair<std::string, Digest>> keys;
  for (const SlotOutcome& slot : stage.slots) keys.emplace_back(slotLabel(keyer_.pipeline(), config_.profile, stage.node, slot.name), slot.key);
  // Only reasons are made from this: a run that cannot note it is none the worse.
  (void)config_.cache->setLastKeys(keys);
}

void NodeRun::cancelOrFail(StageResult& stage, Error error) const {
  const bool cancelled = config_.cancelled != nullptr && config_.cancelled->load();
  stage.status = cancelled ? StageStatus::Cancelled : StageStatus::Failed;
  for (SlotOutcome& slot : stage.slots) slot.ran = false;
  if (cancelled) return;
  stage.reason = error.message;
  if (error.span.empty()) error.span = keyer_.pipeline()[stage.node].name_span;
  stage.error = std::move(error);
}

}  // namespace cd4ml::exec
