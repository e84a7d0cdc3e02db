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

/// Prints what became of a deploy: an event with --json, else lines for people.
void printOutcome(const Console& console, const std::string& deploy, const std::string& candidate,
                  const release::Outcome& outcome);

/// Sends what waits in the outbox; failures are warnings, the messages stay queued.
Status deliverMessages(const Project& project, track::Ledger& ledger, const Console& console);

}  // namespace cd4ml::driver
