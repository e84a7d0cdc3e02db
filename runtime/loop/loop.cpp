#include "runtime/loop/loop.h"

#include <array>
#include <utility>

#include "runtime/track/json.h"

namespace cd4ml::loop {

namespace {

using track::Json;
using track::textOf;

constexpr std::array states{std::pair{State::Watching, "watching"}, std::pair{State::Retraining, "retraining"},
                            std::pair{State::RollingOut, "rolling_out"}, std::pair{State::Held, "held"},
                            std::pair{State::Cooling, "cooling"}};

std::string encode(const Loop& loop) {
  const Json trigger{{"id", loop.trigger.id}, {"event", loop.trigger.event}, {"champion", loop.trigger.champion},
                     {"windows", loop.trigger.windows}, {"text", loop.trigger.text}};
  return Json{{"v", 1},
              {"pipeline", loop.scope.pipeline},
              {"profile", loop.scope.profile},
              {"monitor", loop.monitor},
              {"deploy", loop.deploy},
              {"state", stateText(loop.state)},
              {"epoch", loop.epoch},
              {"trigger", trigger},
              {"attempt", loop.attempt},
              {"holds", loop.holds},
              {"until", loop.until_us},
              {"began", loop.began_us},
              {"model", loop.model},
              {"rollout", loop.rollout},
              {"run", loop.run},
              {"why", loop.why}}
      .dump();
}

Result<Loop> decode(const track::Entry& entry) {
  const Json body = track::parseJson(entry.body);
  const auto integer = [&](const char* name) { return body.value(name, std::int64_t{0}); };
  Loop out{.sequence = entry.sequence, .scope = {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")},
           .monitor = textOf(body, "monitor"), .deploy = textOf(body, "deploy"), .epoch = integer("epoch")};
  bool known = false;
  for (const auto& [state, text] : states) {
    if (textOf(body, "state") != text) continue;
    out.state = state;
    known = true;
  }
  if (!known) return makeError("CD6001", "the ledger has an entry of the loop that this version cannot read");
  const Json trigger = body.value("trigger", Json::object());
  out.trigger = {.id = textOf(trigger, "id"), .event = textOf(trigger, "event"), .champion = textOf(trigger, "champion"),
                 .windows = trigger.value("windows", std::vector<std::string>()), .text = textOf(trigger, "text")};
  out.attempt = integer("attempt");
  out.holds = integer("holds");
  out.until_us = integer("until");
  out.began_us = integer("began");
  out.model = textOf(body, "model");
  out.rollout = textOf(body, "rollout");
  out.run = textOf(body, "run");
  out.why = textOf(body, "why");
  out.at_us = entry.at_us;
  return out;
}

Result<Loop> orNew(const std::optional<track::Entry>& entry, const track::Scope& scope, const std::string& monitor, const std::string& deploy) {
  if (entry) return decode(*entry);
  return Loop{.scope = scope, .monitor = monitor, .deploy = deploy};
}

}  // namespace

std::string_view stateText(State state) {
  for (const auto& [each, text] : states) {
    if (each == state) return text;
  }
  CD4ML_UNREACHABLE("state of the loop");
}

Result<Loop> currentLoop(track::Ledger& ledger, const track::Scope& scope, const std::string& monitor, const std::string& deploy) {
  CD4ML_TRY(const std::optional<track::Entry> entry, ledger.last("loop", track::subjectOf(scope, monitor)));
  return orNew(entry, scope, monitor, deploy);
}

Result<Loop> loopIn(const track::Ledger::Transaction& transaction, const track::Scope& scope, const std::string& monitor,
                    const std::string& deploy) {
  CD4ML_TRY(const std::optional<track::Entry> entry, transaction.last("loop", track::subjectOf(scope, monitor)));
  return orNew(entry, scope, monitor, deploy);
}

Result<std::vector<Loop>> loopsOf(track::Ledger& ledger, const track::Scope& scope, const std::string& monitor) {
  CD4ML_TRY(const std::vector<track::Entry> entries, ledger.read("loop", track::subjectOf(scope, monitor)));
  std::vector<Loop> out;
  for (const track::Entry& entry : entries) {
    CD4ML_TRY(Loop loop, decode(entry));
    out.push_back(std::move(loop));
  }
  return out;
}

Status writeLoop(track::Ledger::Transaction& transaction, Loop& next) {
  ++next.epoch;
  CD4ML_TRY_VOID(transaction.append("loop", track::subjectOf(next.scope, next.monitor), encode(next)));
  CD4ML_TRY(next, loopIn(transaction, next.scope, next.monitor, next.deploy));
  return Done{};
}

Result<Loop> transit(track::Ledger& ledger, const Loop& seen, Loop next, const std::function<Status(track::Ledger::Transaction&)>& with) {
  CD4ML_TRY_VOID(ledger.transact([&](track::Ledger::Transaction& t) -> Status {
    CD4ML_TRY(Loop newest, loopIn(t, seen.scope, seen.monitor, seen.deploy));
    if (newest.sequence != seen.sequence) {
      next = std::move(newest);
      return Done{};
    }
    if (with) CD4ML_TRY_VOID(with(t));
    return writeLoop(t, next);
  }));
  return next;
}

}  // namespace cd4ml::loop
