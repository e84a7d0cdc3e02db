/// Messages that must leave, in the ledger: queued in the transaction that decided, marked when they are delivered.
///
/// A message carries all that delivery needs (channel, options with the *names* of secrets, body), so that any later
/// command can deliver it, whatever the program text says by then.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "runtime/track/ledger.h"

namespace cd4ml::track {

struct Message {
  std::string id{};          ///< delivery id, the same in every attempt
  std::string key{};         ///< at most one message a key
  std::string notify{};      ///< name of the notify node
  std::string channel{};     ///< webhook, command
  std::vector<std::pair<std::string, std::string>> options{};  ///< texts; "secret:NAME" for a secret
  std::vector<std::string> argv{};
  std::string body{};        ///< JSON, exactly the bytes that leave
  std::int64_t attempts = 0;
};

/// Queues the message unless one with its key was queued before; says whether it is new.
Result<bool> queueMessage(Ledger::Transaction& transaction, const Message& message);

/// Messages that were neither delivered nor given up, oldest first.
[[nodiscard]] Result<std::vector<Message>> pendingMessages(Ledger& ledger);

enum class Outcome : std::uint8_t { Delivered, Retry, GivenUp };
Status recordAttempt(Ledger& ledger, const Message& message, Outcome outcome, const std::string& detail);

}  // namespace cd4ml::track
