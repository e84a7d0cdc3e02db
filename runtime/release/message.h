/// What a held release tells people: what failed, by how much, against what, and what to type next.
#pragma once

#include <optional>
#include <string>

#include "runtime/release/decide.h"
#include "runtime/release/rollout.h"

namespace cd4ml::release {

/// A few lines of plain text.
[[nodiscard]] std::string heldText(const Request& request, const std::optional<track::Champion>& champion);
/// The message to one channel, with a delivery id of its own.
[[nodiscard]] track::Message heldMessage(const Request& request, const std::optional<track::Champion>& champion,
                                         const Channel& channel, std::int64_t at_us);
/// A model that became champion at once.
[[nodiscard]] track::Message promotedMessage(const Request& request, const Outcome& outcome, const Channel& channel, std::int64_t at_us);
/// A rollout that was promoted, held or rolled back, to one channel: one message a rollout and event.
[[nodiscard]] track::Message rolloutMessage(const Rollout& rollout, std::string_view event, const Channel& channel, std::int64_t at_us);
/// A test message (`notify test NAME`).
[[nodiscard]] track::Message testMessage(const track::Scope& scope, const Channel& channel, std::int64_t at_us);

}  // namespace cd4ml::release
