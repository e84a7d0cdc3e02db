#include "runtime/release/decide.h"

#include <fmt/format.h>

#include "runtime/release/message.h"
#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

using track::Champion;
using track::Ledger;

Champion championFrom(const track::ModelVersion& model, const std::string& deploy, std::string how, std::string reason, std::string by) {
  return {.scope = model.scope, .deploy = deploy, .model = model.model, .version = model.version, .id = model.id,
          .bundle = model.bundle, .run = model.run, .how = std::move(how), .reason = std::move(reason), .by = std::move(by),
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
  Champion candidate = championFrom(request.candidate, request.deploy, passed ? "deploy" : "override", request.override_reason, request.by);
  if (request.rollout && outcome.previous && passed) {
    candidate.run = request.run;
    CD4ML_TRY(outcome.rollout, beginRollout(transaction, candidate, outcome.previous, *request.rollout, request.events, request.by));
    outcome.action = Action::RollingOut;
    return Done{};
  }
  CD4ML_TRY_VOID(endRollout(transaction, request.scope, request.deploy, Stage::Rejected, {.by = request.by, .why = "another model became champion"}));
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

/// The last champion of another model that did not come by a rollback.
Result<Champion> championBefore(const Ledger::Transaction& transaction, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::vector<track::Entry> entries, transaction.read("champion", track::subjectOf(scope, deploy)));
  if (entries.empty()) return makeError("CD6004", fmt::format("`{}` has no champion", deploy));
  const Champion present = track::championFrom(entries.back());
  std::optional<Champion> target;
  for (const track::Entry& entry : entries) {
    Champion champion = track::championFrom(entry);
    if (champion.id != present.id && champion.how != "rollback") target = std::move(champion);
  }
  if (!target) return makeError("CD6004", fmt::format("`{}` had no champion before {}", deploy, present.label()));
  target->at_us = track::nowMicroseconds();
  return *target;
}

}  // namespace

Result<Outcome> decideRelease(Ledger& ledger, const Request& request) {
  Outcome outcome;
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) { return decideIn(t, request, outcome); }));
  return outcome;
}

Result<Outcome> promote(Ledger& ledger, const track::ModelVersion& model, const std::string& deploy,
                        const std::string& override_reason, const std::string& by) {
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
    CD4ML_TRY_VOID(endRollout(t, model.scope, deploy, Stage::Rejected, {.by = by, .why = fmt::format("{} was promoted by hand", model.label())}));
    return makeChampion(t, outcome, passed ? Action::Promoted : Action::Overridden,
                        championFrom(model, deploy, passed ? "promote" : "override", override_reason, by));
  }));
  return outcome;
}

Result<Outcome> rollBack(Ledger& ledger, const track::Scope& scope, const std::string& deploy, const ByHand& hand) {
  Outcome outcome;
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) -> Status {
    CD4ML_TRY(outcome.previous, track::championIn(t, scope, deploy));
    CD4ML_TRY(outcome.rollout, endRollout(t, scope, deploy, Stage::RolledBack, hand));
    if (outcome.rollout && outcome.rollout->stage != Stage::Settling) {
      outcome.champion = outcome.previous;
      outcome.action = Action::RolloutEnded;
      return Done{};
    }
    CD4ML_TRY(Champion back, championBefore(t, scope, deploy));
    back.how = "rollback";
    back.reason = hand.why;
    back.by = hand.by;
    return makeChampion(t, outcome, Action::Promoted, std::move(back));
  }));
  return outcome;
}

}  // namespace cd4ml::release
