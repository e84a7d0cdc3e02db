/// The control thread: every 50 ms it tells the rollout what was counted, takes the routing that is wanted, loads models
/// and swaps; it writes the counters' file that other processes read.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "runtime/serve/core.h"
#include "runtime/track/ledger.h"

namespace cd4ml::serve {

class Control {
 public:
  /// `ledger` may be null: then `control` alone says what is wanted.
  Control(Core& core, std::shared_ptr<track::Ledger> ledger, release::RolloutControl& control);
  ~Control();
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  /// One period, by the caller's thread; the first decides whether the server can begin.
  Status step();
  void start();
  void stop();

 private:
  void run();
  void route(const release::Routing& wanted);
  Result<std::shared_ptr<const Arm>> armOf(const release::WantedModel& wanted);
  [[nodiscard]] release::ServingCounters counters() const;
  void writeCounters(const release::ServingCounters& counters);

  Core& core_;
  std::shared_ptr<track::Ledger> ledger_;
  release::RolloutControl& control_;
  std::int64_t ledger_version_ = -1;
  release::Routing in_force_{};
  release::Routing refused_{};             ///< what could not be loaded: not tried again at once
  std::int64_t refused_us_ = 0;
  release::RoutingOutcome outcome_{};
  std::map<std::string, std::weak_ptr<const Arm>> loaded_;  ///< by model id and label
  std::deque<std::shared_ptr<const Arm>> warm_;             ///< the last champions: going back to one loads nothing
  std::int64_t written_us_ = 0;
  std::string last_failure_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// A bundle file: always the same.
class BundleControl final : public release::RolloutControl {
 public:
  explicit BundleControl(std::string path) { routing_.champion = release::WantedModel{.label = "", .id = "", .bundle = std::move(path)}; }
  Result<release::Routing> control(const release::ServingCounters&, const release::RoutingOutcome&, Ledger) override { return routing_; }

 private:
  release::Routing routing_;
};

}  // namespace cd4ml::serve
