/// A rollout: a challenger that passed its gate takes over from the champion step by step, or not at all.
///
/// Each entry of kind "rollout" in the ledger is the whole present state of one, so that a server needs nothing else. A
/// change is decided on the newest entry and written only if that is still the newest: however many processes decide,
/// one of them does. Becoming champion and the entry that says so are one transaction, with the messages about it.
///
///     shadow → canary(1..k) → settling → settled          held, paused: people decide; rejected, rolled_back: ended
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/release/channel.h"
#include "runtime/release/guards.h"
#include "runtime/release/observation.h"
#include "runtime/track/ledger.h"
#include "runtime/track/models.h"

namespace cd4ml::release {

struct RolloutPlan {
  using Step = ir::Deploy::Step;
  std::vector<Step> steps{};             ///< shadow first, shares rising
  std::vector<Guard> guards{};           ///< effective ones
  std::int64_t settle_us = 0;
  std::int64_t deadline_us = 86'400'000'000;  ///< a step that has not ended by then is held
};

enum class Stage : std::uint8_t { Shadow, Canary, Settling, Settled, Paused, Held, Rejected, RolledBack };
[[nodiscard]] std::string_view stageText(Stage stage);

struct Rollout {
  std::int64_t sequence = 0;         ///< of its entry in the ledger
  track::Scope scope{};
  std::string deploy{};
  std::string id{};                  ///< "ro-…"
  Stage stage = Stage::Shadow;
  Stage resumes = Stage::Shadow;     ///< of a paused or held one: where it stood
  std::size_t step = 0;              ///< into plan.steps
  std::int64_t since_us = 0;         ///< when the step began
  std::int64_t at_us = 0;            ///< when the entry was written
  std::string champion{};            ///< label of the one before; "" for none
  std::string champion_id{};
  track::Champion challenger{};      ///< as it will be champion
  RolloutPlan plan{};
  std::vector<EventChannels> channels{};
  std::string by{};                  ///< "server", "agent", or a person
  std::string why{};
  std::string evidence = "{}";       ///< JSON: guards as judged

  /// Share of the rows that the challenger answers now.
  [[nodiscard]] double share() const;
  /// The server has to do something for it: mirror, route, watch.
  [[nodiscard]] bool isActive() const { return stage == Stage::Shadow || stage == Stage::Canary || stage == Stage::Settling; }
  /// Not ended: active, or waiting for a person.
  [[nodiscard]] bool isOpen() const { return isActive() || stage == Stage::Paused || stage == Stage::Held; }
};

/// The newest rollout of a deploy, ended or not.
[[nodiscard]] Result<std::optional<Rollout>> currentRollout(track::Ledger& ledger, const track::Scope& scope, const std::string& deploy);
[[nodiscard]] Result<std::optional<Rollout>> rolloutIn(const track::Ledger::Transaction& transaction, const track::Scope& scope,
                                                       const std::string& deploy);
/// Every entry of every rollout of a deploy, oldest first.
[[nodiscard]] Result<std::vector<Rollout>> rolloutsOf(track::Ledger& ledger, const track::Scope& scope, const std::string& deploy);

/// Begins one inside the transaction that decided so; an open one of another challenger is rejected as superseded.
Result<Rollout> beginRollout(track::Ledger::Transaction& transaction, const track::Champion& challenger,
                             const std::optional<track::Champion>& champion, const RolloutPlan& plan,
                             const std::vector<EventChannels>& channels, const std::string& by);

/// What follows from what was seen; nothing: go on as it is. A pure function.
struct Move { Stage stage; std::size_t step = 0; std::string why; std::string evidence; };
[[nodiscard]] std::optional<Move> nextMove(const Rollout& rollout, const Observation& seen, std::int64_t now_us);

/// Takes the move, unless the rollout changed meanwhile; gives the newest state.
Result<Rollout> apply(track::Ledger& ledger, const Rollout& rollout, const Move& move, const std::string& by);

/// Ends an open rollout because the champion changes by other means; gives what it ended.
struct ByHand { std::string by; std::string why; };
Result<std::optional<Rollout>> endRollout(track::Ledger::Transaction& transaction, const track::Scope& scope, const std::string& deploy,
                                          Stage stage, const ByHand& hand);

/// By hand, or by a monitor's `hold`. An Error (CD6007) where the rollout is not in a state for it.
Result<Rollout> pauseRollout(track::Ledger& ledger, const Rollout& rollout, const ByHand& hand);
Result<Rollout> holdRollout(track::Ledger& ledger, const Rollout& rollout, const ByHand& hand);
/// A paused one goes on where it stood; a held one makes its challenger the champion.
Result<Rollout> approveRollout(track::Ledger& ledger, const Rollout& rollout, const ByHand& hand);
Result<Rollout> rejectRollout(track::Ledger& ledger, const Rollout& rollout, const ByHand& hand);

}  // namespace cd4ml::release
