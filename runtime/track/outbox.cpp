#include "runtime/track/outbox.h"

#include <map>

#include "runtime/track/json.h"

namespace cd4ml::track {

namespace {

std::string_view outcomeText(Outcome outcome) {
  switch (outcome) {
    case Outcome::Delivered: return "delivered";
    case Outcome::Retry: return "retry";
    case Outcome::GivenUp: return "given up";
  }
  CD4ML_UNREACHABLE("outcome");
}

Message messageOf(const Entry& entry) {
  const Json body = parseJson(entry.body);
  Message message{.id = textOf(body, "id"),
                  .key = entry.subject,
                  .notify = textOf(body, "notify"),
                  .channel = textOf(body, "channel"),
                  .options = {},
                  .argv = {},
                  .body = textOf(body, "body")};
  for (const Json& option : body.value("options", Json::array())) {
    message.options.emplace_back(textOf(option, "name"), textOf(option, "value"));
  }
  for (const Json& word : body.value("argv", Json::array())) message.argv.push_back(word.get<std::string>());
  return message;
}

}  // namespace

Result<bool> queueMessage(Ledger::Transaction& transaction, const Message& message) {
  CD4ML_TRY(const std::vector<Entry> before, transaction.read("message", message.key));
  if (!before.empty()) return false;
  Json options = Json::array();
  for (const auto& [name, value] : message.options) options.push_back({{"name", name}, {"value", value}});
  const Json body{{"id", message.id},           {"notify", message.notify}, {"channel", message.channel},
                  {"options", options},         {"argv", message.argv},     {"body", message.body}};
  CD4ML_TRY_VOID(transaction.append("message", message.key, body.dump()));
  return true;
}

Result<std::vector<Message>> pendingMessages(Ledger& ledger) {
  CD4ML_TRY(const std::vector<Entry> messages, ledger.read("message"));
  std::vector<Message> pending;
  for (const Entry& entry : messages) {
    Message message = messageOf(entry);
    CD4ML_TRY(const std::vector<Entry> attempts, ledger.read("delivery", message.id));
    message.attempts = static_cast<std::int64_t>(attempts.size());
    const bool open = attempts.empty() || textOf(parseJson(attempts.back().body), "outcome") == outcomeText(Outcome::Retry);
    if (open) pending.push_back(std::move(message));
  }
  return pending;
}

Status recordAttempt(Ledger& ledger, const Message& message, Outcome outcome, const std::string& detail) {
  const Json body{{"notify", message.notify}, {"outcome", outcomeText(outcome)}, {"detail", detail}};
  return ledger.transact([&](Ledger::Transaction& t) { return t.append("delivery", message.id, body.dump()); });
}

}  // namespace cd4ml::track
