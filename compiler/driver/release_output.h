/// What the release commands share: channels of notify nodes, what became of a decision, delivery of messages.
#pragma once

#include <string>
#include <vector>

#include "compiler/driver/opened.h"
#include "runtime/release/decide.h"

namespace cd4ml::driver {

[[nodiscard]] release::Channel channelOf(const ir::Node& notify);

/// "promoted", "overridden", "already champion", "held".
[[nodiscard]] std::string_view actionText(release::Action action);

/// Who is told of a deploy's events.
[[nodiscard]] std::vector<release::EventChannels> eventChannelsOf(const ir::Pipeline& pipeline, const ir::Deploy& deploy);
/// How a model takes over where a server of the deploy lives; nothing: no rollout is declared, or there is no server.
[[nodiscard]] std::optional<release::RolloutPlan> rolloutOf(const Project& project, const track::Scope& scope, const std::string& name,
                                                            const ir::Deploy& deploy);
/// The person at the keyboard, for the ledger: CD4ML_USER, else the system's name.
[[nodiscard]] std::string personName();

/// Prints what became of a deploy: an event with --json, else lines for people.
void printOutcome(const Console& console, const std::string& deploy, const std::string& candidate,
                  const release::Outcome& outcome);

/// Where a rollout stands now.
void printRollout(const Console& console, const release::Rollout& rollout);

/// Sends what waits in the outbox; failures are warnings, the messages stay queued.
Status deliverMessages(const Project& project, track::Ledger& ledger, const Console& console);

}  // namespace cd4ml::driver
