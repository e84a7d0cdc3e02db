#include "runtime/release/rollout_entry.h"

#include <array>
#include <utility>

#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

using track::Json;
using track::textOf;

constexpr std::array stages{std::pair{Stage::Shadow, "shadow"},     std::pair{Stage::Canary, "canary"},
                            std::pair{Stage::Settling, "settling"}, std::pair{Stage::Settled, "settled"},
                            std::pair{Stage::Paused, "paused"},     std::pair{Stage::Held, "held"},
                            std::pair{Stage::Rejected, "rejected"}, std::pair{Stage::RolledBack, "rolled_back"}};

std::optional<Stage> stageOf(std::string_view text) {
  for (const auto& [stage, name] : stages) {
    if (text == name) return stage;
  }
  return {};
}

std::int64_t integerOf(const Json& object, const char* name) { return object.value(name, std::int64_t{0}); }

Json encodeChannels(const std::vector<EventChannels>& events) {
  Json out = Json::array();
  for (const EventChannels& event : events) {
    Json channels = Json::array();
    for (const Channel& channel : event.channels) {
      Json options = Json::array();
      for (const auto& [name, value] : channel.options) options.push_back({{"name", name}, {"value", value}});
      channels.push_back({{"notify", channel.notify}, {"channel", channel.channel}, {"options", options}, {"argv", channel.argv}});
    }
    out.push_back({{"event", event.event}, {"channels", channels}});
  }
  return out;
}

std::vector<EventChannels> decodeChannels(const Json& events) {
  std::vector<EventChannels> out;
  for (const Json& event : events) {
    EventChannels& to = out.emplace_back();
    to.event = textOf(event, "event");
    for (const Json& channel : event.value("channels", Json::array())) {
      Channel& next = to.channels.emplace_back();
      next.notify = textOf(channel, "notify");
      next.channel = textOf(channel, "channel");
      next.argv = channel.value("argv", std::vector<std::string>());
      for (const Json& option : channel.value("options", Json::array())) {
        next.options.emplace_back(textOf(option, "name"), textOf(option, "value"));
      }
    }
  }
  return out;
}

Json encodePlan(const RolloutPlan& plan) {
  Json steps = Json::array();
  for (const RolloutPlan::Step& step : plan.steps) {
    steps.push_back({{"share", step.share}, {"rows", step.rows}, {"time_us", step.time_us}});
  }
  Json guards = Json::array();
  for (const Guard& guard : plan.guards) {
    guards.push_back({{"measure", guard.measure}, {"percentile", guard.percentile}, {"strict", guard.strict}, {"limit", guard.limit}});
  }
  return {{"steps", steps}, {"guards", guards}, {"settle_us", plan.settle_us}, {"deadline_us", plan.deadline_us}};
}

RolloutPlan decodePlan(const Json& plan) {
  RolloutPlan out{.settle_us = integerOf(plan, "settle_us"), .deadline_us = integerOf(plan, "deadline_us")};
  for (const Json& step : plan.value("steps", Json::array())) {
    out.steps.push_back({.share = step.value("share", 0.0), .rows = integerOf(step, "rows"), .time_us = integerOf(step, "time_us")});
  }
  for (const Json& guard : plan.value("guards", Json::array())) {
    out.guards.push_back({.measure = textOf(guard, "measure"), .percentile = guard.value("percentile", 0.99),
                          .strict = guard.value("strict", false), .limit = guard.value("limit", 0.0)});
  }
  return out;
}

Json encodeSide(const track::Champion& side) {
  return {{"model", side.model}, {"version", side.version}, {"id", side.id}, {"bundle", side.bundle}, {"run", side.run}};
}

}  // namespace

std::string_view stageText(Stage stage) {
  for (const auto& [each, name] : stages) {
    if (each == stage) return name;
  }
  CD4ML_UNREACHABLE("stage");
}

std::string encodeRollout(const Rollout& rollout) {
  const Json body{{"v", 1},
                  {"pipeline", rollout.scope.pipeline},
                  {"profile", rollout.scope.profile},
                  {"deploy", rollout.deploy},
                  {"id", rollout.id},
                  {"stage", stageText(rollout.stage)},
                  {"resumes", stageText(rollout.resumes)},
                  {"step", rollout.step},
                  {"share", rollout.share()},
                  {"since", rollout.since_us},
                  {"champion", {{"label", rollout.champion}, {"id", rollout.champion_id}}},
                  {"challenger", encodeSide(rollout.challenger)},
                  {"plan", encodePlan(rollout.plan)},
                  {"channels", encodeChannels(rollout.channels)},
                  {"by", rollout.by},
                  {"why", rollout.why},
                  {"evidence", track::parseJson(rollout.evidence)}};
  return body.dump();
}

std::optional<Rollout> decodeRollout(const track::Entry& entry) {
  const Json body = track::parseJson(entry.body);
  const std::optional<Stage> stage = stageOf(textOf(body, "stage"));
  const std::optional<Stage> resumes = stageOf(textOf(body, "resumes"));
  if (!stage || !resumes) return {};
  Rollout out{.sequence = entry.sequence,
              .scope = {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")},
              .deploy = textOf(body, "deploy"), .id = textOf(body, "id"), .stage = *stage, .resumes = *resumes,
              .step = body.value("step", std::size_t{0}), .since_us = integerOf(body, "since"), .at_us = entry.at_us};
  const Json none = Json::object();
  const Json champion = body.value("champion", none);
  out.champion = textOf(champion, "label");
  out.champion_id = textOf(champion, "id");
  const Json side = body.value("challenger", none);
  out.challenger = {.scope = out.scope, .deploy = out.deploy, .model = textOf(side, "model"), .version = integerOf(side, "version"),
                    .id = textOf(side, "id"), .bundle = textOf(side, "bundle"), .run = textOf(side, "run")};
  out.plan = decodePlan(body.value("plan", none));
  out.channels = decodeChannels(body.value("channels", Json::array()));
  out.by = textOf(body, "by");
  out.why = textOf(body, "why");
  out.evidence = body.value("evidence", none).dump();
  if (out.plan.steps.empty() || out.step >= out.plan.steps.size()) return {};
  return out;
}

}  // namespace cd4ml::release
