#include "runtime/release/controller.h"

#include <utility>

namespace cd4ml::release {

namespace {

WantedModel wanted(const track::Champion& model) { return {.label = model.label(), .id = model.id, .bundle = model.bundle}; }

Moments less(Moments now, const Moments& before) {
  now.n -= before.n;
  now.sum -= before.sum;
  now.squares -= before.squares;
  return now;
}

/// What an arm did between two readings; all of `now` where the one before was of another model.
ArmCounts between(const std::optional<ArmCounters>& now, const std::optional<ArmCounters>& before) {
  if (!now) return {};
  ArmCounts out{.rows = now->rows, .errors = now->errors, .latency = now->latency, .score = now->score};
  if (!before || before->id != now->id) return out;
  out.rows -= before->rows;
  out.errors -= before->errors;
  for (std::size_t b = 0; b < LatencyCounts::buckets; ++b) out.latency.counts[b] -= before->latency.counts[b];
  out.score = less(out.score, before->score);
  return out;
}

/// A new challenger's pairs begin at nothing.
Moments pairsBetween(const PairedCounters& now, const PairedCounters& before) {
  return now.difference.n < before.difference.n ? now.difference : less(now.difference, before.difference);
}

}  // namespace

LedgerControl::LedgerControl(std::shared_ptr<track::Ledger> ledger, track::Scope scope, std::string deploy)
    : ledger_(std::move(ledger)), scope_(std::move(scope)), deploy_(std::move(deploy)) {}

Result<Routing> LedgerControl::control(const ServingCounters& counters, const RoutingOutcome& last, Ledger ledger) {
  if (!known_ || ledger == Ledger::Changed) CD4ML_TRY_VOID(read());
  if (rollout_ && rollout_->isActive()) CD4ML_TRY_VOID(advance(counters, last));
  return routing();
}

Status LedgerControl::read() {
  CD4ML_TRY(champion_, track::championOf(*ledger_, scope_, deploy_));
  CD4ML_TRY(rollout_, currentRollout(*ledger_, scope_, deploy_));
  known_ = true;
  return Done{};
}

Status LedgerControl::advance(const ServingCounters& counters, const RoutingOutcome& last) {
  std::optional<Move> move;
  if (last.failure && rollout_->stage != Stage::Settling) {
    move = Move{.stage = Stage::RolledBack, .why = "it cannot be served: " + last.failure->describe(), .evidence = "{}"};
  } else if (counting_ == rollout_->sequence) {
    move = nextMove(*rollout_, observe(counters), track::nowMicroseconds());
  } else if (last.in_force) {
    // Counts begin when the step's routing serves, not when it was decided.
    counting_ = rollout_->sequence;
    before_ = counters;
  } else {
    move = nextMove(*rollout_, {}, track::nowMicroseconds());
  }
  if (!move) return Done{};
  CD4ML_TRY(rollout_, apply(*ledger_, *rollout_, *move, "server"));
  CD4ML_TRY(champion_, track::championOf(*ledger_, scope_, deploy_));
  return Done{};
}

Observation LedgerControl::observe(const ServingCounters& counters) const {
  Observation out{.champion = between(counters.champion, before_.champion),
                  .challenger = between(counters.challenger, before_.challenger),
                  .shadow_shift = pairsBetween(counters.paired, before_.paired)};
  // The new champion is what is watched while it settles.
  if (rollout_->stage == Stage::Settling) out.challenger = std::exchange(out.champion, {});
  return out;
}

Routing LedgerControl::routing() const {
  Routing out;
  if (champion_) out.champion = wanted(*champion_);
  if (!rollout_ || rollout_->stage == Stage::Settling || !rollout_->isActive()) return out;
  out.challenger = wanted(rollout_->challenger);
  out.mode = rollout_->stage == Stage::Shadow ? ChallengerMode::Shadow : ChallengerMode::Canary;
  out.share = rollout_->share();
  out.rollout = rollout_->id;
  return out;
}

}  // namespace cd4ml::release
