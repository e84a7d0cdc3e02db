#include "runtime/release/rollout.h"

#include <functional>

#include <fmt/format.h>

#include "runtime/release/message.h"
#include "runtime/release/rollout_entry.h"
#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

using track::Ledger;

std::string rolloutId(const Rollout& rollout) {
  Hasher hasher("cd4ml rollout");
  hasher.string(track::subjectOf(rollout.scope, rollout.deploy)).string(rollout.champion_id).string(rollout.challenger.id);
  return "ro-" + hasher.string(rollout.challenger.run).finish().hex().substr(0, 16);
}

/// The event that a stage is to people; "" for none.
std::string_view eventOf(Stage stage) {
  switch (stage) {
    case Stage::Settling: return "promoted";
    case Stage::Held: return "held";
    case Stage::RolledBack: return "rolled_back";
    case Stage::Shadow:
    case Stage::Canary:
    case Stage::Settled:
    case Stage::Paused:
    case Stage::Rejected: return "";
  }
  CD4ML_UNREACHABLE("stage");
}

Status tell(Ledger::Transaction& transaction, const Rollout& rollout, std::string_view event) {
  for (const EventChannels& each : rollout.channels) {
    if (each.event != event) continue;
    for (const Channel& channel : each.channels) {
      const track::Message message = rolloutMessage(rollout, event, channel, track::nowMicroseconds());
      CD4ML_TRY_VOID(track::queueMessage(transaction, message));
    }
  }
  return Done{};
}

Status write(Ledger::Transaction& transaction, Rollout& rollout) {
  rollout.at_us = track::nowMicroseconds();
  CD4ML_TRY_VOID(transaction.append("rollout", track::subjectOf(rollout.scope, rollout.deploy), encodeRollout(rollout)));
  CD4ML_TRY(const std::optional<Rollout> written, rolloutIn(transaction, rollout.scope, rollout.deploy));
  rollout.sequence = written->sequence;
  return tell(transaction, rollout, eventOf(rollout.stage));
}

Status crown(Ledger::Transaction& transaction, const Rollout& rollout) {
  track::Champion champion = rollout.challenger;
  champion.how = "rollout";
  champion.by = rollout.by;
  champion.reason = rollout.why;
  return track::appendChampion(transaction, champion);
}

/// The champion before the rollout reigns again.
Status restore(Ledger::Transaction& transaction, const Rollout& rollout) {
  CD4ML_TRY(const std::vector<track::Entry> entries, transaction.read("champion", track::subjectOf(rollout.scope, rollout.deploy)));
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    track::Champion champion = track::championFrom(*entry);
    if (champion.id != rollout.champion_id) continue;
    champion.how = "rollback";
    champion.by = rollout.by;
    champion.reason = rollout.why;
    return track::appendChampion(transaction, champion);
  }
  return makeError("CD6004", fmt::format("`{}` had no champion before {}", rollout.deploy, rollout.challenger.label()));
}

/// Changes the rollout unless its newest entry is no longer the one that `seen` was read from; gives the newest state.
Result<Rollout> change(Ledger& ledger, const Rollout& seen, const std::function<Status(Ledger::Transaction&, Rollout&)>& body) {
  Rollout out = seen;
  CD4ML_TRY_VOID(ledger.transact([&](Ledger::Transaction& t) -> Status {
    CD4ML_TRY(const std::optional<Rollout> newest, rolloutIn(t, seen.scope, seen.deploy));
    if (newest && newest->sequence != seen.sequence) {
      out = *newest;
      return Done{};
    }
    CD4ML_TRY_VOID(body(t, out));
    return write(t, out);
  }));
  return out;
}

Error cannot(const Rollout& rollout, std::string_view what) {
  return makeError("CD6007", fmt::format("the rollout of {} to `{}` is {}: it cannot be {}", rollout.challenger.label(), rollout.deploy,
                                         stageText(rollout.stage), what));
}

void signBy(Rollout& rollout, const ByHand& hand) {
  rollout.by = hand.by;
  rollout.why = hand.why;
}

Result<Rollout> stop(Ledger& ledger, const Rollout& rollout, Stage stage, const ByHand& hand) {
  if (rollout.stage == stage) return rollout;
  if (rollout.stage != Stage::Shadow && rollout.stage != Stage::Canary && !(stage == Stage::Held && rollout.stage == Stage::Paused)) {
    return cannot(rollout, stageText(stage));
  }
  return change(ledger, rollout, [&](Ledger::Transaction&, Rollout& out) -> Status {
    if (out.isActive()) out.resumes = out.stage;
    out.stage = stage;
    signBy(out, hand);
    return Done{};
  });
}

}  // namespace

double Rollout::share() const {
  switch (stage) {
    case Stage::Canary: return plan.steps[step].share;
    case Stage::Settling:
    case Stage::Settled: return 1;
    case Stage::Shadow:
    case Stage::Paused:
    case Stage::Held:
    case Stage::Rejected:
    case Stage::RolledBack: return 0;
  }
  CD4ML_UNREACHABLE("stage");
}

Result<std::optional<Rollout>> currentRollout(Ledger& ledger, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::optional<track::Entry> entry, ledger.last("rollout", track::subjectOf(scope, deploy)));
  return entry ? decodeRollout(*entry) : std::optional<Rollout>();
}

Result<std::optional<Rollout>> rolloutIn(const Ledger::Transaction& transaction, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::optional<track::Entry> entry, transaction.last("rollout", track::subjectOf(scope, deploy)));
  return entry ? decodeRollout(*entry) : std::optional<Rollout>();
}

Result<std::vector<Rollout>> rolloutsOf(Ledger& ledger, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::vector<track::Entry> entries, ledger.read("rollout", track::subjectOf(scope, deploy)));
  std::vector<Rollout> out;
  for (const track::Entry& entry : entries) {
    if (std::optional<Rollout> rollout = decodeRollout(entry)) out.push_back(std::move(*rollout));
  }
  return out;
}

Result<Rollout> beginRollout(Ledger::Transaction& transaction, const track::Champion& challenger,
                             const std::optional<track::Champion>& champion, const RolloutPlan& plan,
                             const std::vector<EventChannels>& channels, const std::string& by) {
  Rollout out{.scope = challenger.scope, .deploy = challenger.deploy, .since_us = track::nowMicroseconds(), .challenger = challenger,
              .plan = plan, .channels = channels, .by = by, .why = "passed its gate"};
  if (champion) {
    out.champion = champion->label();
    out.champion_id = champion->id;
  }
  out.stage = plan.steps.front().share > 0 ? Stage::Canary : Stage::Shadow;
  out.resumes = out.stage;
  out.id = rolloutId(out);
  CD4ML_TRY(const std::optional<Rollout> before, rolloutIn(transaction, out.scope, out.deploy));
  if (before && before->isOpen() && before->challenger.id == challenger.id) return *before;
  const bool settles = before && before->stage == Stage::Settling;
  CD4ML_TRY_VOID(endRollout(transaction, out.scope, out.deploy, settles ? Stage::Settled : Stage::Rejected,
                            {.by = by, .why = fmt::format("superseded by {}", challenger.label())}));
  CD4ML_TRY_VOID(write(transaction, out));
  return out;
}

Result<Rollout> apply(Ledger& ledger, const Rollout& rollout, const Move& move, const std::string& by) {
  return change(ledger, rollout, [&](Ledger::Transaction& t, Rollout& out) -> Status {
    const bool reigned = out.stage == Stage::Settling;
    if (move.stage == Stage::Held) out.resumes = out.stage;
    out.stage = move.stage;
    if (move.stage == Stage::Canary) out.step = move.step;
    out.since_us = track::nowMicroseconds();
    out.by = by;
    out.why = move.why;
    out.evidence = move.evidence;
    if (move.stage == Stage::Settling) return crown(t, out);
    if (move.stage == Stage::RolledBack && reigned) return restore(t, out);
    return Done{};
  });
}

Result<std::optional<Rollout>> endRollout(Ledger::Transaction& transaction, const track::Scope& scope, const std::string& deploy,
                                          Stage stage, const ByHand& hand) {
  CD4ML_TRY(std::optional<Rollout> open, rolloutIn(transaction, scope, deploy));
  if (!open || !open->isOpen()) return std::optional<Rollout>();
  std::optional<Rollout> before = open;
  open->stage = stage;
  signBy(*open, hand);
  CD4ML_TRY_VOID(write(transaction, *open));
  return before;
}

Result<Rollout> pauseRollout(Ledger& ledger, const Rollout& rollout, const ByHand& hand) { return stop(ledger, rollout, Stage::Paused, hand); }

Result<Rollout> holdRollout(Ledger& ledger, const Rollout& rollout, const ByHand& hand) { return stop(ledger, rollout, Stage::Held, hand); }

Result<Rollout> approveRollout(Ledger& ledger, const Rollout& rollout, const ByHand& hand) {
  if (rollout.stage != Stage::Paused && rollout.stage != Stage::Held) return cannot(rollout, "approved");
  return change(ledger, rollout, [&](Ledger::Transaction& t, Rollout& out) -> Status {
    const bool was_held = out.stage == Stage::Held;
    out.stage = was_held ? Stage::Settling : out.resumes;
    out.since_us = track::nowMicroseconds();
    signBy(out, hand);
    return was_held ? crown(t, out) : Status(Done{});
  });
}

Result<Rollout> rejectRollout(Ledger& ledger, const Rollout& rollout, const ByHand& hand) {
  if (!rollout.isOpen() || rollout.stage == Stage::Settling) return cannot(rollout, "rejected");
  return change(ledger, rollout, [&](Ledger::Transaction&, Rollout& out) -> Status {
    out.stage = Stage::Rejected;
    signBy(out, hand);
    return Done{};
  });
}

}  // namespace cd4ml::release
