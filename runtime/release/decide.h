/// Acting on a verdict: the model becomes champion of its deploy, or it is held and people are told.
///
/// Change of champion and queueing of messages are one ledger transaction. At most one message leaves per (pipeline,
/// profile, deploy, model id, champion id, verdict), however often the decision is repeated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/release/rollout.h"
#include "runtime/track/ledger.h"
#include "runtime/track/models.h"
#include "runtime/track/outbox.h"

namespace cd4ml::release {

struct Request {
  track::Scope scope{};
  std::string deploy{};
  track::ModelVersion candidate{};
  std::string gate{};                   ///< name
  std::string verdict{};                ///< pass, held, inconclusive
  std::string gate_event{};             ///< the `gate` event of cli.md: checks with values and limits
  std::string champion_id{};          ///< model id of the champion that the verdict was decided against; "" for none
  std::string run{};
  std::string override_reason{};      ///< releases what is held
  std::vector<Channel> channels{};    ///< of `otherwise notify`
  std::vector<EventChannels> events{};  ///< of the deploy's `when promoted / held / rolled_back`
  /// How it takes over where a server of the deploy runs; nothing: at once, for there is no live traffic.
  std::optional<RolloutPlan> rollout{};
  std::string by = "deploy";            ///< who decides: deploy, agent
};

enum class Action : std::uint8_t {
  Promoted,
  Overridden,       ///< promoted although held
  AlreadyChampion,  ///< passed, and it was the champion before
  Held,
  Stale,            ///< the champion changed since the verdict: decide again
  RollingOut,       ///< passed; a server takes it over step by step
  RolloutEnded,     ///< a challenger under way was taken out, the champion stays
};

struct Outcome {
  Action action = Action::Held;
  std::optional<track::Champion> champion{};  ///< now
  std::optional<track::Champion> previous{};
  std::optional<Rollout> rollout{};
  std::size_t messages = 0;                   ///< queued by this decision
};

Result<Outcome> decideRelease(track::Ledger& ledger, const Request& request);

/// Makes a recorded version the champion. One that its gate did not pass needs a reason.
Result<Outcome> promote(track::Ledger& ledger, const track::ModelVersion& model, const std::string& deploy,
                        const std::string& override_reason, const std::string& by);
/// Back to what answered before: a challenger under way is taken out; else the champion before the present one returns.
Result<Outcome> rollBack(track::Ledger& ledger, const track::Scope& scope, const std::string& deploy, const ByHand& hand);

}  // namespace cd4ml::release
