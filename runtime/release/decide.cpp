#include "runtime/release/decide.h"

#include <fmt/format.h>

#include "runtime/release/message.h"
#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

using track::Champion;
using track::Ledger;

Champion championFrom(const track::ModelVersion& model, const std::string& deploy, std::string how, std::string reason) {
  return {.scope = model.scope, .deploy = deploy, .model = model.model, .version = model.version, .id = model.id,
          .bundle = model.bundle, .run = model.run, .how = std::move(how), .reason = std::move(reason),
          .at_us = track::nowMicroseconds()};
}

Status makeChampion(Ledger::Transaction& transaction, Outcome& outcome, Action action, Champion champion) {
  CD4ML_TRY_VOID(track::appendChampion(transaction, champion));
  outcome.action = action;
  outcome.champion = std::move(champion);
  return Done{};
}

/// Who hears of an event: the gate's `otherwise` (of `held`) and the deploy's `when`, each once.
std::vector<Channel> listeners(const Request& request, std::string_view event) {
  std::vector<Channel> out;
  if (event == "held") out = request.channels;
  for (const EventChannels& each : request.events) {
    if (each.event == event) out.insert(out.end(), each.channels.begin(), each.channels.end());
  }
  return out;
}

Status queue(Ledger::Transaction& transaction, const track::Message& message, Outcome& outcome) {
  CD4ML_TRY(const bool queued, track::queueMessage(transaction, message));
  outcome.messages += queued ? 1 : 0;
  return Done{};
}

Status hold(Ledger::Transaction& transaction, const Request& request, Outcome& outcome) {
  outcome.action = Action::Held;
  for (const Channel& channel : listeners(request, "held")) {
    CD4ML_TRY_VOID(queue(transaction, heldMessage(request, outcome.champion, channel, track::nowMicroseconds()), outcome));
  }
  return Done{};
}

Status takeOver(Ledger::Transaction& transaction, const Request& request, Outcome& outcome) {
  const bool passed = request.verdict == "pass";
  Champion candidate = championFrom(request.candidate, request.deploy, passed ? "deploy" : "override", request.override_reason);
  if (request.rollout && outcome.previous && passed) {
    candidate.run = request.run;
    CD4ML_TRY(outcome.rollout, beginRollout(transaction, candidate, outcome.previous, *request.rollout, request.events, request.by));
    outcome.action = Action::RollingOut;
    return Done{};
  }
  CD4ML_TRY_VOID(makeChampion(transaction, outcome, passed ? Action::Promoted : Action::Overridden, candidate));
  for (const Channel& channel : listeners(request, "promoted")) {
    CD4ML_TRY_VOID(queue(transaction, promotedMessage(request, outcome, channel, track::nowMicroseconds()), outcome));
  }
  return Done{};
}

Status decideIn(Ledger::Transaction& transaction, const Request& request, Outcome& outcome) {
  CD4ML_TRY(outcome.previous, track::championIn(transaction, request.scope, request.deploy));
  outcome.champion = outcome.previous;
  const std::string present = outcome.previous ? outcome.previous->id : "";
  if (present != request.champion_id) {
    outcome.action = Action::Stale;
    return Done{};
  }
  const bool passed = request.verdict == "pass";
  if (!passed && request.override_reason.empty()) return hold(transaction, request, outcome);
  if (present == request.candidate.id) {
    outcome.action = Action::AlreadyChampion;
    return Done{};
  }
  return takeOver(transaction, request, outcome);
}

/// Whether the evidence says that the gate of this deploy passed the model.
bool passedFor(const track::ModelVersion& model, const std::string& deploy) {
  const track::Json evidence = track::parseJson(model.evidence);
  for (const track::Json& gate : evidence.value("gates", track::Json::array())) {
    if (track::textOf(gate, "deploy") == deploy) return track::textOf(gate, "verdict") == "pass";
  }
  return false;
}

}  // namespace

Result<Outcome> decideRelease(Ledger& ledger, const Request& request) {
  Outcome outcome;
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) { return decideIn(t, request, outcome); }));
  return outcome;
}

Result<Outcome> promote(Ledger& ledger, const track::ModelVersion& model, const std::string& deploy,
                        const std::string& override_reason) {
  const bool passed = passedFor(model, deploy);
  if (!passed && override_reason.empty()) {
    Error error = makeError("CD6006", fmt::format("{} did not pass the gate of `{}`", model.label(), deploy));
    error.help.push_back(fmt::format("to release it all the same: cd4mlc promote {} --to {} --override \"REASON\"", model.label(), deploy));
    return error;
  }
  Outcome outcome;
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) -> Status {
    CD4ML_TRY(outcome.previous, track::championIn(t, model.scope, deploy));
    outcome.champion = outcome.previous;
    outcome.action = Action::AlreadyChampion;
    if (outcome.previous && outcome.previous->id == model.id) return Done{};
    return makeChampion(t, outcome, passed ? Action::Promoted : Action::Overridden,
                        championFrom(model, deploy, passed ? "promote" : "override", override_reason));
  }));
  return outcome;
}

Result<Outcome> rollBack(Ledger& ledger, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::vector<Champion> all, track::championsOf(ledger, scope, deploy));
  const Champion* target = nullptr;
  for (const Champion& champion : all) {
    if (champion.id != all.back().id && champion.how != "rollback") target = &champion;
  }
  if (target == nullptr) {
    return makeError("CD6004", all.empty() ? fmt::format("`{}` has no champion", deploy)
                                           : fmt::format("`{}` had no champion before {}", deploy, all.back().label()));
  }
  Champion back = *target;
  back.how = "rollback";
  back.at_us = track::nowMicroseconds();
  Outcome outcome{.previous = all.back()};
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) { return makeChampion(t, outcome, Action::Promoted, back); }));
  return outcome;
}

}  // namespace cd4ml::release
