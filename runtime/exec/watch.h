/// A pass of one monitor: what the engine says of the windows, the gate's absolute limits on those with labels, the
/// events that follow. Nothing is acted on; every window is recorded.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/engine/engine.h"
#include "runtime/track/ledger.h"
#include "runtime/track/runs.h"

namespace cd4ml::exec {

struct WatchRequest {
  const ir::Pipeline* pipeline = nullptr;  ///< in normal form
  ir::NodeId monitor;
  track::Scope scope;
  std::string state;             ///< the state folder
  std::string data;              ///< a file; empty: captured traffic, or the project's rows
  std::int64_t now_us = 0;
  int threads = 1;
  const std::atomic<bool>* cancelled = nullptr;
  /// Brings the rows' node up to date: asked only where they are needed.
  std::function<Result<engine::Known>(ir::NodeId rows)> rows;
};

struct Watched {
  std::string monitor;
  std::string verdict;             ///< the worst of its windows
  std::vector<std::string> events; ///< each once: drift, quality, data, alarm, labels, rows, age
  std::string json;                ///< docs/reference/json.md
};

/// One pass. The ledger has all windows when it returns. Error CD6004: the deploy's model has no version yet.
Result<Watched> watch(engine::Engine& engine, track::Ledger& ledger, const WatchRequest& request);

/// The gate with only those checks that speak of one model's metrics: no champion, size, latency or rows, no `confident`.
[[nodiscard]] ir::Gate absoluteLimits(const ir::Gate& gate);

}  // namespace cd4ml::exec
