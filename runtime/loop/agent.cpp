#include "runtime/loop/agent.h"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/loop/message.h"
#include "runtime/release/decide.h"
#include "runtime/track/json.h"
#include "runtime/track/outbox.h"

namespace cd4ml::loop {

namespace {

constexpr std::int64_t attempts_in_all = 3;
constexpr std::size_t windows_looked_at = 200;
constexpr std::string_view agent_name = "agent";

bool asks(const Rule& rule, std::string_view verb) {
  return std::any_of(rule.actions.begin(), rule.actions.end(), [&](const ir::Action& action) { return action.verb == verb; });
}

/// The decision on a trigger, once for all.
Status recordTrigger(track::Ledger::Transaction& transaction, const track::Scope& scope, const Watch& watch, const Trigger& trigger,
                     const std::string& decision) {
  const track::Json body{{"v", 1}, {"pipeline", scope.pipeline}, {"profile", scope.profile}, {"monitor", watch.monitor},
                         {"subject", watch.subject}, {"id", trigger.id}, {"event", trigger.event}, {"champion", trigger.champion},
                         {"windows", trigger.windows}, {"text", trigger.text}, {"decision", decision}};
  return transaction.append("trigger", trigger.id, body.dump());
}

Status queueAll(track::Ledger::Transaction& transaction, const std::vector<release::Channel>& channels, const Note& note) {
  for (const release::Channel& channel : channels) {
    CD4ML_TRY_VOID(track::queueMessage(transaction, loopMessage(note, channel, track::nowMicroseconds())));
  }
  return Done{};
}

}  // namespace

Status Agent::round() {
  for (const Watch& each : watches_) {
    if (world_.cancelled()) return Done{};
    CD4ML_TRY_VOID(watch(each));
    // Each step goes on from what the ledger says, so a killed agent's successor begins here.
    for (bool moved = each.of_deploy; moved && !world_.cancelled();) {
      CD4ML_TRY(moved, step(each));
    }
    CD4ML_TRY_VOID(world_.deliver());
  }
  return Done{};
}

Status Agent::watch(const Watch& each) {
  CD4ML_TRY_VOID(world_.look(each.monitor));
  CD4ML_TRY(const Evidence evidence, gather(each));
  for (const Due& due : dueRules(scope_, each.monitor, each.body.rules, evidence)) CD4ML_TRY_VOID(act(each, due, evidence));
  return Done{};
}

Result<Evidence> Agent::gather(const Watch& watch) {
  Evidence out{.now_us = world_.now()};
  CD4ML_TRY(out.windows, track::newestWindows(*ledger_, scope_, watch.subject, watch.monitor, windows_looked_at));
  // A file that somebody looked at by hand is no traffic.
  std::erase_if(out.windows, [](const track::WindowRecord& window) { return !window.origin.empty(); });
  if (watch.of_deploy) {
    CD4ML_TRY(out.champion, track::championOf(*ledger_, scope_, watch.subject));
  }
  return out;
}

Status Agent::act(const Watch& watch, const Due& due, const Evidence& evidence) {
  const Rule& rule = watch.body.rules[due.rule];
  CD4ML_TRY(const std::optional<track::Entry> before, ledger_->last("trigger", due.trigger.id));
  if (before) return Done{};
  CD4ML_TRY_VOID(undo(watch, rule, due, evidence));
  std::optional<Loop> began;
  CD4ML_TRY_VOID(ledger_->transact([&](track::Ledger::Transaction& t) -> Status {
    CD4ML_TRY(const std::optional<track::Entry> again, t.last("trigger", due.trigger.id));
    if (again) return Done{};
    Note note{.scope = scope_, .watch = watch.monitor, .subject = watch.subject, .kind = due.trigger.event, .id = due.trigger.id, .text = due.trigger.text};
    std::string decision = "told";
    if (asks(rule, "retrain")) {
      CD4ML_TRY(Loop loop, loopIn(t, scope_, watch.monitor, watch.subject));
      CD4ML_TRY(const std::vector<track::Entry> entries, t.read("loop", track::subjectOf(scope_, watch.monitor)));
      const bool stale = evidence.champion && !due.trigger.champion.empty() && due.trigger.champion != evidence.champion->label();
      Admission admission = stale ? Admission{.why = fmt::format("it speaks of {}, and {} is champion", due.trigger.champion, evidence.champion->label())}
                                  : mayRetrain(watch.body, loop, begunAt(entries), badData(evidence), evidence.now_us);
      if (world_.stopped()) admission = {.why = "the kill switch is on"};
      decision = admission.admitted ? "retrain" : "no retraining: " + admission.why;
      if (admission.admitted) {
        loop.state = State::Retraining;
        loop.trigger = due.trigger;
        loop.attempt = 1;
        loop.began_us = evidence.now_us;
        loop.model = loop.rollout = loop.run = "";
        loop.why = due.trigger.text;
        CD4ML_TRY_VOID(writeLoop(t, loop));
        began = loop;
      }
      note.text += admission.admitted ? "\nA retraining begins." : "\nThere is " + decision + ".";
    }
    CD4ML_TRY_VOID(recordTrigger(t, scope_, watch, due.trigger, decision));
    return queueAll(t, watch.channels[due.rule], note);
  }));
  if (began) world_.tell(*began);
  return Done{};
}

/// `hold` and `rollback`, before the trigger is recorded: each changes nothing when it is repeated.
Status Agent::undo(const Watch& watch, const Rule& rule, const Due& due, const Evidence& evidence) {
  if (!watch.of_deploy) return Done{};
  const release::ByHand hand{.by = std::string(agent_name), .why = due.trigger.text};
  if (asks(rule, "hold")) {
    CD4ML_TRY(const std::optional<release::Rollout> rollout, release::currentRollout(*ledger_, scope_, watch.subject));
    const bool under_way = rollout && (rollout->stage == release::Stage::Shadow || rollout->stage == release::Stage::Canary);
    if (under_way) CD4ML_TRY_VOID(release::holdRollout(*ledger_, *rollout, hand));
  }
  // Only the model that the evidence speaks of is taken back.
  if (asks(rule, "rollback") && evidence.champion && evidence.champion->label() == due.trigger.champion) {
    const Result<release::Outcome> back = release::rollBack(*ledger_, scope_, watch.subject, hand);
    if (!back.ok() && back.error().code != "CD6004") return back.error();
  }
  return Done{};
}

Result<bool> Agent::step(const Watch& watch) {
  CD4ML_TRY(const Loop loop, currentLoop(*ledger_, scope_, watch.monitor, watch.subject));
  Result<Loop> next = loop;
  switch (loop.state) {
    case State::Retraining: next = retrain(watch, loop); break;
    case State::RollingOut: next = follow(watch, loop); break;
    case State::Cooling:
      if (world_.now() >= loop.until_us) {
        Loop watching = loop;
        watching.state = State::Watching;
        watching.why = "cooled";
        next = transit(*ledger_, loop, std::move(watching));
      }
      break;
    case State::Watching:
    case State::Held: break;
  }
  if (!next.ok()) return next.error();
  if (next->sequence == loop.sequence) return false;
  world_.tell(*next);
  return true;
}

Result<Loop> Agent::retrain(const Watch& watch, const Loop& loop) {
  CD4ML_TRY(std::optional<Released> released, alreadyReleased(watch, loop));
  if (!released) {
    CD4ML_TRY(released, world_.deploy(watch.subject));
    if (world_.cancelled()) return loop;
    // What a predecessor of this process had begun may have been quicker.
    const bool acted = released->kind == Released::Kind::Promoted || released->kind == Released::Kind::RollingOut;
    CD4ML_TRY(const std::optional<Released> before, acted ? std::optional<Released>() : alreadyReleased(watch, loop));
    if (before) released = before;
  }
  return settle(watch, loop, *released);
}

/// What a retraining that was killed after its release had come to: the same is not released twice.
Result<std::optional<Released>> Agent::alreadyReleased(const Watch& watch, const Loop& loop) {
  CD4ML_TRY(const std::vector<release::Rollout> all, release::rolloutsOf(*ledger_, scope_, watch.subject));
  for (const release::Rollout& each : all) {
    if (each.by != agent_name || each.at_us < loop.began_us) continue;
    return std::optional(Released{.kind = Released::Kind::RollingOut, .run = each.challenger.run, .model = each.challenger.label(), .rollout = each.id});
  }
  CD4ML_TRY(const std::optional<track::Champion> champion, track::championOf(*ledger_, scope_, watch.subject));
  if (champion && champion->by == agent_name && champion->at_us >= loop.began_us) {
    return std::optional(Released{.kind = Released::Kind::Promoted, .run = champion->run, .model = champion->label()});
  }
  return std::optional<Released>();
}

Result<Loop> Agent::settle(const Watch& watch, const Loop& loop, const Released& released) {
  Loop next = loop;
  next.model = released.model;
  next.run = released.run;
  next.rollout = released.rollout;
  std::optional<Note> note;
  switch (released.kind) {
    case Released::Kind::RollingOut:
      next.state = State::RollingOut;
      next.why = fmt::format("{} passed its gate", released.model);
      break;
    case Released::Kind::Promoted:
    case Released::Kind::Unchanged:
      next.state = State::Cooling;
      next.holds = 0;
      next.why = released.kind == Released::Kind::Promoted ? released.model + " is champion" : "the same model came out: it stays champion";
      break;
    case Released::Kind::Held:
      // The gate told who is to be told of a held model, in the transaction that held it.
      next.state = State::Held;
      ++next.holds;
      next.why = released.why;
      break;
    case Released::Kind::Refused:
    case Released::Kind::Failed:
      if (released.kind == Released::Kind::Failed && loop.attempt < attempts_in_all) {
        ++next.attempt;
        next.why = "it failed and is tried again: " + released.why;
        break;
      }
      next.state = State::Held;
      ++next.holds;
      next.why = (released.kind == Released::Kind::Refused ? "nothing was trained: " : "the retraining failed: ") + released.why;
      note = Note{.scope = scope_, .watch = watch.monitor, .subject = watch.subject, .kind = "retrain_failed", .id = loop.trigger.id,
                  .text = fmt::format("{}\n{} stays champion.\nAfter: {}", next.why, loop.trigger.champion, loop.trigger.text)};
      break;
  }
  next.until_us = world_.now() + coolingTime(watch.body, next.holds);
  return transit(*ledger_, loop, std::move(next), [&](track::Ledger::Transaction& t) -> Status {
    return note ? queueAll(t, watch.held, *note) : Status(Done{});
  });
}

Result<Loop> Agent::follow(const Watch& watch, const Loop& loop) {
  CD4ML_TRY(const std::optional<release::Rollout> rollout, release::currentRollout(*ledger_, scope_, watch.subject));
  const bool ours = rollout && rollout->id == loop.rollout;
  if (ours && rollout->isOpen()) return loop;
  Loop next = loop;
  const bool reigns = ours && rollout->stage == release::Stage::Settled;
  next.state = reigns ? State::Cooling : State::Held;
  next.holds = reigns ? 0 : loop.holds + 1;
  next.why = ours ? fmt::format("{}: {}", release::stageText(rollout->stage), rollout->why) : "another rollout took its place";
  next.until_us = world_.now() + coolingTime(watch.body, next.holds);
  return transit(*ledger_, loop, std::move(next));
}

}  // namespace cd4ml::loop
