/// Where the loop of one monitor stands: the newest entry of kind "loop" in the ledger.
///
///     watching → retraining → {rolling_out →} cooling → watching          held: a person, or newer evidence, goes on
///
/// A transition is written only if the entry it was decided on is still the newest, so of two agents one acts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/track/ledger.h"
#include "runtime/track/runs.h"

namespace cd4ml::loop {

enum class State : std::uint8_t { Watching, Retraining, RollingOut, Held, Cooling };
[[nodiscard]] std::string_view stateText(State state);

/// Why something is done: an event of a monitor's rule with its evidence. The same evidence has the same id.
struct Trigger {
  std::string id{};                     ///< "t-…"
  std::string event{};                  ///< drift, quality, data, alarm, labels, rows, age, every
  std::string champion{};               ///< label of the model it speaks of
  std::vector<std::string> windows{};   ///< ids; empty for what is not seen in a window
  std::string text{};                   ///< for people
};

struct Loop {
  std::int64_t sequence = 0;            ///< of its entry; 0: there is none yet
  track::Scope scope{};
  std::string monitor{};
  std::string deploy{};
  State state = State::Watching;
  std::int64_t epoch = 0;               ///< counts transitions
  Trigger trigger{};                    ///< of the present or last retraining
  std::int64_t attempt = 0;             ///< of the retraining, from 1
  std::int64_t holds = 0;               ///< in a row: each doubles the time it cools
  std::int64_t until_us = 0;            ///< of cooling and held: no new retraining before
  std::int64_t began_us = 0;            ///< of the retraining
  std::string model{};                  ///< label of the candidate
  std::string rollout{};                ///< its rollout's id
  std::string run{};                    ///< that made it
  std::string why{};
  std::int64_t at_us = 0;               ///< when the entry was written

  /// A new retraining may begin (its time and budget permitting).
  [[nodiscard]] bool isIdle() const { return state == State::Watching || state == State::Held || state == State::Cooling; }
};

/// The newest state; of a monitor that was never looked at: watching, epoch 0.
[[nodiscard]] Result<Loop> currentLoop(track::Ledger& ledger, const track::Scope& scope, const std::string& monitor, const std::string& deploy);
[[nodiscard]] Result<Loop> loopIn(const track::Ledger::Transaction& transaction, const track::Scope& scope, const std::string& monitor,
                                  const std::string& deploy);
/// All entries of a monitor, oldest first.
[[nodiscard]] Result<std::vector<Loop>> loopsOf(track::Ledger& ledger, const track::Scope& scope, const std::string& monitor);

/// Writes `next` inside a transaction that checked what it was decided on.
Status writeLoop(track::Ledger::Transaction& transaction, Loop& next);
/// Goes from `seen` to `next` unless another did; `with` adds to the same transaction. Gives the newest state.
Result<Loop> transit(track::Ledger& ledger, const Loop& seen, Loop next,
                     const std::function<Status(track::Ledger::Transaction&)>& with = {});

}  // namespace cd4ml::loop
