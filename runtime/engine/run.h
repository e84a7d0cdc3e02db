/// One node at work: what is known, where results go, how inputs are got. `run_<construct>.cpp` runs each kind.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "runtime/engine/artifacts.h"
#include "runtime/engine/engine.h"
#include "runtime/features/execute.h"

namespace cd4ml::engine {

using Slots = std::vector<std::uint32_t>;

struct Run {
  const Known& known;
  TaskContext& task;
  Artifacts& artifacts;
  const EngineConfig& config;

  [[nodiscard]] const ir::Pipeline& pipeline() const { return *known.pipeline; }
  [[nodiscard]] const ir::Node& node(ir::NodeId id) const { return pipeline()[id]; }
  [[nodiscard]] int threads() const { return task.threads < 1 ? 1 : task.threads; }
  [[nodiscard]] features::ExecuteOptions execute() const {
    features::ExecuteOptions options;
    options.threads = threads();
    options.object_cache = config.object_cache;
    return options;
  }
  [[nodiscard]] Status checkCancelled() const;
  void phase(std::string_view name, double seconds) const {
    if (task.phase) task.phase(name, seconds);
  }
};

/// Seconds since it was made; they steer what is stored and are shown to people, and are part of no result.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// What it would cost to have a result again.
struct Cost {
  double seconds = 0;            ///< to compute it
  bool source_is_there = false;  ///< it is read from a file that is a store of columns itself
};

// ---- keeping results (keep.cpp)

[[nodiscard]] Result<SlotContent> keepColumn(Run& run, const data::Column& column, const Cost& cost);
[[nodiscard]] Result<SlotContent> keepParts(Run& run, const std::vector<data::Column>& parts, const Cost& cost);
/// A small result: its JSON is its value. `hashed` is what its id is made of, without timings.
[[nodiscard]] SlotContent keepJson(const std::string& value, const std::string& hashed);
/// Content id of a slot with parts.
[[nodiscard]] Digest partsId(const std::vector<Digest>& parts);

// ---- getting inputs (fetch.cpp): from memory, from the CAS, or by running the node that makes them

[[nodiscard]] Result<std::vector<data::Column>> fetchColumns(Run& run, ir::NodeId node, const Slots& slots);
/// How many rows a source, table or features node has, where none of its columns is read.
[[nodiscard]] Result<std::int64_t> countRows(Run& run, ir::NodeId node);
/// Columns of `node` by slot; those not in `slots` are empty.
[[nodiscard]] Result<std::vector<data::Column>> fetchSparse(Run& run, ir::NodeId node, const Slots& slots);
/// Parts of a features slot, in order.
[[nodiscard]] Result<std::vector<std::vector<data::Column>>> fetchParts(Run& run, ir::NodeId node, const Slots& slots);
/// The bytes of a slot that is no column: a model's canonical form, a stage's output file.
[[nodiscard]] Result<std::string> fetchBytes(Run& run, ir::SlotRef slot);
/// The canonical bytes of a model.
[[nodiscard]] inline Result<std::string> fetchModel(Run& run, ir::NodeId node) { return fetchBytes(run, {node, 0}); }
/// Content of one slot, computed if it is not known yet.
[[nodiscard]] Result<SlotContent> fetchContent(Run& run, ir::NodeId node, std::uint32_t slot);

// ---- running nodes

[[nodiscard]] Result<std::vector<SlotContent>> runNode(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runSource(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runTable(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runSplit(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runFeatures(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runStage(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runModel(Run& run, ir::NodeId node, const Slots& slots);
[[nodiscard]] Result<std::vector<SlotContent>> runEvaluate(Run& run, ir::NodeId node, const Slots& slots);

/// Slots of Input values that `wanted` reads, sorted.
[[nodiscard]] Slots inputsRead(const ir::Graph& graph, std::span<const ir::ValueId> wanted);
/// Values that `wanted` needs, itself included, sorted.
[[nodiscard]] std::vector<std::uint32_t> valuesNeeded(const ir::Graph& graph, std::span<const ir::ValueId> wanted);

}  // namespace cd4ml::engine
