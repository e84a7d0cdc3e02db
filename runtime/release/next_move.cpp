// What a rollout does next, from what was seen since its step began.
#include <algorithm>

#include <fmt/format.h>

#include "runtime/release/rollout.h"
#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

constexpr std::int64_t default_rows = 500;  ///< of a step, where no shadow says how many

std::string_view verdictText(GuardState::Verdict verdict) {
  switch (verdict) {
    case GuardState::Verdict::Holds: return "holds";
    case GuardState::Verdict::Exceeds: return "exceeds";
    case GuardState::Verdict::Breaks: return "breaks";
    case GuardState::Verdict::NoData: return "no data";
  }
  CD4ML_UNREACHABLE("verdict");
}

std::string evidenceText(const Observation& seen, const std::vector<GuardState>& guards) {
  track::Json list = track::Json::array();
  for (const GuardState& guard : guards) {
    list.push_back({{"guard", guard.text}, {"value", guard.value}, {"limit", guard.limit}, {"rows", guard.rows}, {"verdict", verdictText(guard.verdict)}});
  }
  return track::Json{{"champion_rows", seen.champion.rows},
                     {"challenger_rows", seen.challenger.rows},
                     {"challenger_errors", seen.challenger.errors},
                     {"guards", list}}
      .dump();
}

/// Rows that the challenger must have answered before the step may end.
std::int64_t rowsWanted(const RolloutPlan& plan, std::size_t step) {
  if (plan.steps[step].rows > 0) return plan.steps[step].rows;
  // A canary step sees as many rows of the challenger as the shadow was asked to.
  for (const RolloutPlan::Step& each : plan.steps) {
    if (each.rows > 0) return each.rows;
  }
  return default_rows;
}

/// Why the step cannot end yet; empty: it can.
std::string waitsFor(const Rollout& rollout, const Observation& seen, const std::vector<GuardState>& guards, std::int64_t now_us) {
  const RolloutPlan::Step& step = rollout.plan.steps[rollout.step];
  const auto rows = static_cast<std::int64_t>(seen.challenger.rows);
  const std::int64_t wanted = step.time_us > 0 ? 1 : rowsWanted(rollout.plan, rollout.step);
  if (rows < wanted) return fmt::format("{} of {} rows", rows, wanted);
  if (now_us - rollout.since_us < step.time_us) return "its time is not over";
  for (const GuardState& guard : guards) {
    if (guard.verdict != GuardState::Verdict::Holds) return fmt::format("{}: {}", guard.text, verdictText(guard.verdict));
  }
  return {};
}

}  // namespace

std::optional<Move> nextMove(const Rollout& rollout, const Observation& seen, std::int64_t now_us) {
  if (!rollout.isActive()) return {};
  std::vector<GuardState> guards;
  for (const Guard& guard : rollout.plan.guards) {
    // Nothing is left to compare the scores of a new champion with.
    if (rollout.stage == Stage::Settling && guard.measure == "score_shift") continue;
    guards.push_back(judge(guard, seen));
  }
  const std::string evidence = evidenceText(seen, guards);
  for (const GuardState& guard : guards) {
    if (guard.verdict == GuardState::Verdict::Breaks) {
      return Move{.stage = Stage::RolledBack, .why = fmt::format("{}: is {:.4g} after {} rows", guard.text, guard.value, guard.rows), .evidence = evidence};
    }
  }
  if (rollout.stage == Stage::Settling) {
    if (now_us - rollout.since_us < rollout.plan.settle_us) return {};
    return Move{.stage = Stage::Settled, .why = "settled", .evidence = evidence};
  }
  const std::string waits = waitsFor(rollout, seen, guards, now_us);
  if (!waits.empty()) {
    if (now_us - rollout.since_us < std::max(rollout.plan.deadline_us, rollout.plan.steps[rollout.step].time_us)) return {};
    return Move{.stage = Stage::Held, .why = fmt::format("the step did not end in time ({})", waits), .evidence = evidence};
  }
  const std::size_t next = rollout.step + 1;
  if (next == rollout.plan.steps.size()) return Move{.stage = Stage::Settling, .why = "all steps held", .evidence = evidence};
  return Move{.stage = Stage::Canary, .step = next, .why = fmt::format("step {} held", rollout.step + 1), .evidence = evidence};
}

}  // namespace cd4ml::release
