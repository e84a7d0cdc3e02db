/// One attempt to hand a message over: by HTTP to a webhook, by mail, or on the standard input of a
/// program.
///
/// Secrets are read from the environment here, at the moment of use, and appear in no result, log or error.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/track/outbox.h"

namespace cd4ml::notify {

struct Attempt {
  track::Outcome outcome = track::Outcome::Retry;
  std::string detail;  ///< for people: "HTTP 200", "cannot connect"; never a secret
};

[[nodiscard]] Attempt attempt(const track::Message& message);
[[nodiscard]] Attempt attemptWebhook(const track::Message& message);
/// Slack and Teams: the message's text as `{"text": …}`, which both take.
[[nodiscard]] Attempt attemptChat(const track::Message& message);
/// By SMTP.
[[nodiscard]] Attempt attemptEmail(const track::Message& message);
[[nodiscard]] Attempt attemptCommand(const track::Message& message);

/// Option `name` of the message with a secret replaced by its value; "" when it is absent.
Result<std::string> optionValue(const track::Message& message, std::string_view name);

}  // namespace cd4ml::notify
