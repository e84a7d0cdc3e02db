/// The agent: takes the loops of all monitors of a pipeline from one legal state to the next.
///
/// It may be killed between any two instructions. What it decides is one transaction a transition; what it does to the
/// world is asked of `World`, whose effects are safe to repeat: a repeated retraining comes from the cache, a repeated
/// release finds what was decided, a message has one delivery id.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "runtime/loop/triggers.h"
#include "runtime/release/channel.h"
#include "runtime/release/rollout.h"

namespace cd4ml::loop {

/// What came of `deploy`.
struct Released {
  /// Refused: the data fails its checks, and would fail them again. Failed: it may go better another time.
  enum class Kind : std::uint8_t { Promoted, RollingOut, Unchanged, Held, Refused, Failed } kind = Kind::Failed;
  std::string run{};
  std::string model{};    ///< label of the candidate
  std::string rollout{};
  std::string why{};      ///< of held and failed, for people
};

class World {
 public:
  virtual ~World() = default;
  [[nodiscard]] virtual std::int64_t now() const = 0;
  /// One pass of a monitor; the ledger has its windows then.
  virtual Status look(const std::string& monitor) = 0;
  /// Brings the deploy up to date on the present data, decides its gate and acts.
  virtual Result<Released> deploy(const std::string& name) = 0;
  virtual Status deliver() = 0;
  /// The kill switch.
  [[nodiscard]] virtual bool stopped() const = 0;
  [[nodiscard]] virtual bool cancelled() const = 0;
  /// A transition, for whoever watches.
  virtual void tell(const Loop& loop) = 0;
};

/// One monitor with all that the loop needs of the program.
struct Watch {
  std::string monitor{};
  std::string subject{};                        ///< name of the deploy, source or table
  bool of_deploy = false;
  ir::Monitor body{};
  std::vector<std::vector<release::Channel>> channels{};  ///< of each rule's `notify` actions
  std::vector<release::Channel> held{};                   ///< who hears of a retraining that failed or is held for bad data
};

class Agent {
 public:
  Agent(std::shared_ptr<track::Ledger> ledger, track::Scope scope, std::vector<Watch> watches, World& world)
      : ledger_(std::move(ledger)), scope_(std::move(scope)), watches_(std::move(watches)), world_(world) {}

  /// Looks once at every monitor and follows each loop until it waits for something outside.
  Status round();

 private:
  Status watch(const Watch& watch);
  Result<Evidence> gather(const Watch& watch);
  Status act(const Watch& watch, const Due& due, const Evidence& evidence);
  Status undo(const Watch& watch, const Rule& rule, const Due& due, const Evidence& evidence);
  Result<bool> step(const Watch& watch);
  Result<Loop> retrain(const Watch& watch, const Loop& loop);
  Result<Loop> follow(const Watch& watch, const Loop& loop);
  Result<std::optional<Released>> alreadyReleased(const Watch& watch, const Loop& loop);
  Result<Loop> settle(const Watch& watch, const Loop& loop, const Released& released);

  std::shared_ptr<track::Ledger> ledger_;
  track::Scope scope_;
  std::vector<Watch> watches_;
  World& world_;
};

}  // namespace cd4ml::loop
