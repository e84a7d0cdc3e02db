#include "runtime/notify/channel.h"

#include <cstdlib>

#include <fmt/format.h>

namespace cd4ml::notify {

namespace {

constexpr std::string_view secret_prefix = "secret:";

}  // namespace

Attempt attempt(const track::Message& message) {
  if (message.channel == "webhook") return attemptWebhook(message);
  if (message.channel == "slack" || message.channel == "teams") return attemptChat(message);
  if (message.channel == "email") return attemptEmail(message);
  if (message.channel == "command") return attemptCommand(message);
  return {track::Outcome::GivenUp, fmt::format("channel `{}` is not supported yet", message.channel)};
}

Result<std::string> optionValue(const track::Message& message, std::string_view name) {
  for (const auto& [option, value] : message.options) {
    if (option != name) continue;
    if (!value.starts_with(secret_prefix)) return value;
    const std::string variable = value.substr(secret_prefix.size());
    const char* secret = std::getenv(variable.c_str());
    if (secret != nullptr && *secret != '\0') return std::string(secret);
    Error error = makeError("CD6003", fmt::format("the secret `{}` of notify `{}` is not set", variable, message.notify));
    error.help.push_back(fmt::format("set it in the environment: export {}=…", variable));
    return error;
  }
  return std::string();
}

}  // namespace cd4ml::notify
