/// Empties the outbox: every message that is queued leaves, in order, with bounded retries.
///
/// One process at a time delivers (a kernel lock beside the ledger), so a message leaves once even when two commands
/// run. What cannot be delivered stays queued for the next release command; what a receiver refuses, or what failed in
/// too many attempts, is given up and recorded so.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/notify/channel.h"
#include "runtime/track/ledger.h"
#include "runtime/track/outbox.h"

namespace cd4ml::notify {

struct DeliveryOptions {
  std::string lock_file;                                    ///< one that all processes of a state share
  std::vector<std::chrono::milliseconds> pauses{std::chrono::milliseconds(250), std::chrono::milliseconds(500),
                                                std::chrono::milliseconds(1000), std::chrono::milliseconds(2000)};
  std::int64_t attempts_in_all = 50;                        ///< over all commands, before a message is given up
  std::function<Attempt(const track::Message&)> attempt = &notify::attempt;
  std::function<bool()> cancelled = [] { return false; };
};

struct Delivery {
  track::Message message;
  Attempt last;
};

/// What became of each message that was waiting.
Result<std::vector<Delivery>> deliverPending(track::Ledger& ledger, const DeliveryOptions& options);

}  // namespace cd4ml::notify
