/// Leads the rollouts of one deploy from inside its server: what the ledger says is what is routed, and what the counters
/// show moves the ledger on.
#pragma once

#include <memory>
#include <string>

#include "runtime/release/rollout.h"
#include "runtime/release/rollout_control.h"

namespace cd4ml::release {

class LedgerControl : public RolloutControl {
 public:
  LedgerControl(std::shared_ptr<track::Ledger> ledger, track::Scope scope, std::string deploy);

  Result<Routing> control(const ServingCounters& counters, const RoutingOutcome& last, Ledger ledger) override;

 private:
  Status read();
  Status advance(const ServingCounters& counters, const RoutingOutcome& last);
  [[nodiscard]] Observation observe(const ServingCounters& counters) const;
  [[nodiscard]] Routing routing() const;

  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_;
  std::string deploy_;
  bool known_ = false;
  std::optional<track::Champion> champion_;
  std::optional<Rollout> rollout_;
  std::int64_t counting_ = 0;   ///< sequence of the rollout entry since which `before_` counts
  ServingCounters before_;
};

}  // namespace cd4ml::release
