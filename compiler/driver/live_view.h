/// Progress on stderr while stages run: on a terminal one line a running stage that redraws itself, elsewhere one plain
/// line when a stage begins.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "compiler/driver/console.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::driver {

class LiveView {
 public:
  explicit LiveView(const Console& console);
  LiveView(const LiveView&) = delete;
  LiveView& operator=(const LiveView&) = delete;
  ~LiveView();

  void started(ir::NodeId node, std::string name);
  void progress(ir::NodeId node, std::uint64_t done, std::uint64_t total, std::string_view what);
  void waiting(ir::NodeId node);
  void finished(ir::NodeId node);
  /// A line above the running stages.
  void say(std::string_view line);
  /// Takes the view away.
  void close();

 private:
  struct Running {
    std::string name;
    std::string what;
    std::uint64_t done = 0;
    std::uint64_t total = 0;
    std::chrono::steady_clock::time_point start;
  };
  void tick();
  void draw();
  void erase();
  [[nodiscard]] std::string line(const Running& stage) const;

  const Console& console_;
  std::mutex mutex_;
  std::map<ir::NodeId, Running> running_;
  std::size_t lines_ = 0;
  unsigned frame_ = 0;
  std::atomic<bool> closed_ = false;
  std::thread ticker_;
};

}  // namespace cd4ml::driver
