/// The server behind one interface: `libcd4ml_serve.so`, opened when `cd4mlc serve` runs.
///
/// HTTP in, predictions out; it routes between a champion and a challenger as a `release::RolloutControl` wants, captures,
/// counts, takes labels. It trains nothing and decides no gate (docs/design/0003-the-loop.md).
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/engine/engine.h"
#include "runtime/release/rollout_control.h"
#include "runtime/track/runs.h"

namespace cd4ml::serve {

struct ServerConfig {
  std::string host = "127.0.0.1";
  int port = 8080;                     ///< 0: the system chooses
  std::string token{};                 ///< empty: none is asked for
  int threads = 1;
  std::string version{};               ///< of cd4ml, as `--version` says it
  track::Scope scope{};
  std::string deploy{};                ///< name of the deploy; empty: a bundle file is served
  std::string bundle{};                ///< path of the bundle file
  std::string state{};                 ///< state folder; empty: nothing is captured, no labels are taken
  double capture = 0;                  ///< share of the requests whose rows are kept
  std::function<Result<engine::Engine*>()> engine{};  ///< opened when the first captured rows are written
  release::RolloutControl* control = nullptr;         ///< null: the deploy's champion, as the ledger has it
  const std::atomic<bool>* stop = nullptr;            ///< becomes true: drain and end
  std::function<void(const std::string&)> log{};      ///< a line for the operator; from any thread
  std::function<void(const std::string&)> listening{};  ///< called once, with "127.0.0.1:8080"
};

class Server {
 public:
  virtual ~Server() = default;
  /// Serves until `stop`. CD5703, CD5704, CD5709, CD6004 (no champion) or what keeps the first model from loading.
  virtual Status run() = 0;
};

/// The one symbol of the shared library.
extern "C" Server* cd4ml_create_server(const ServerConfig& config);
using CreateServer = Server* (*)(const ServerConfig&);

}  // namespace cd4ml::serve
