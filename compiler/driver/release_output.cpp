#include "compiler/driver/release_output.h"

#include <cstdlib>

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "compiler/driver/interrupt.h"
#include "runtime/notify/deliver.h"
#include "runtime/release/live_server.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

release::Channel channelOf(const ir::Node& node) {
  const auto& notify = std::get<ir::Notify>(node.body);
  release::Channel channel{.notify = node.name, .channel = notify.channel, .argv = notify.argv};
  for (const ir::Option& option : notify.options) {
    const auto* text = std::get_if<std::string>(&option.value.value);
    channel.options.emplace_back(option.name, text != nullptr ? *text : ir::literalText(option.value));
  }
  return channel;
}

std::vector<release::EventChannels> eventChannelsOf(const ir::Pipeline& pipeline, const ir::Deploy& deploy) {
  std::vector<release::EventChannels> out;
  for (const ir::Deploy::Rule& rule : deploy.rules) {
    release::EventChannels& to = out.emplace_back();
    to.event = rule.event;
    for (const ir::Action& action : rule.actions) {
      if (action.notify.valid()) to.channels.push_back(channelOf(pipeline[action.notify]));
    }
  }
  return out;
}

std::optional<release::RolloutPlan> rolloutOf(const Project& project, const track::Scope& scope, const std::string& name,
                                              const ir::Deploy& deploy) {
  if (deploy.rollout.empty() || !release::liveServer(project.state, scope, name)) return {};
  return release::RolloutPlan{.steps = deploy.rollout, .guards = release::effectiveGuards(deploy.guards), .settle_us = deploy.settle_us};
}

std::string personName() {
  if (const char* given = std::getenv("CD4ML_USER"); given != nullptr && *given != '\0') return given;
  const passwd* entry = getpwuid(getuid());
  return entry != nullptr ? entry->pw_name : fmt::format("user {}", getuid());
}

std::string_view actionText(release::Action action) {
  switch (action) {
    case release::Action::Promoted: return "promoted";
    case release::Action::Overridden: return "overridden";
    case release::Action::AlreadyChampion: return "already champion";
    case release::Action::Held: return "held";
    case release::Action::Stale: return "stale";
    case release::Action::RollingOut: return "rolling out";
    case release::Action::RolloutEnded: return "rollout ended";
  }
  CD4ML_UNREACHABLE("Action");
}

void printOutcome(const Console& console, const std::string& deploy, const std::string& candidate,
                  const release::Outcome& outcome) {
  const std::string champion = outcome.champion ? outcome.champion->label() : "";
  const std::string previous = outcome.previous ? outcome.previous->label() : "";
  if (console.json()) {
    track::Json event{{"v", 1}, {"event", "deploy"}, {"name", deploy}, {"action", actionText(outcome.action)},
                      {"model", candidate}, {"champion", champion}, {"previous", previous}};
    if (outcome.rollout) event["rollout"] = outcome.rollout->id;
    console.result(event.dump() + "\n");
    return;
  }
  const std::string name = console.out(Style::Strong, deploy);
  switch (outcome.action) {
    case release::Action::Promoted:
    case release::Action::Overridden:
      console.result(fmt::format("{}: {} is champion now{}{} (no live traffic)\n", name, console.out(Style::Good, champion),
                                 previous.empty() ? "" : fmt::format(", after {}", previous),
                                 outcome.action == release::Action::Overridden ? ", by override" : ""));
      return;
    case release::Action::AlreadyChampion:
      console.result(fmt::format("{}: {} is champion already\n", name, console.out(Style::Good, champion)));
      return;
    case release::Action::RollingOut:
      console.result(fmt::format("{}: {} takes over from {} step by step: {}, {}\n", name, console.out(Style::Good, candidate), champion,
                                 release::stageText(outcome.rollout->stage), outcome.rollout->id));
      return;
    case release::Action::RolloutEnded:
      console.result(fmt::format("{}: {} is taken out, {} answers all requests\n", name, outcome.rollout->challenger.label(),
                                 console.out(Style::Good, champion)));
      return;
    case release::Action::Held:
    case release::Action::Stale:
      console.result(fmt::format("{}: {} is {}, {}\n", name, candidate, console.out(Style::Warning, "held back"),
                                 champion.empty() ? "there is no champion yet" : fmt::format("{} stays champion", champion)));
  }
}

void printRollout(const Console& console, const release::Rollout& rollout) {
  if (console.json()) {
    const track::Json event{{"v", 1}, {"event", "rollout"}, {"name", rollout.deploy}, {"id", rollout.id}, {"stage", release::stageText(rollout.stage)},
                            {"share", rollout.share()}, {"model", rollout.challenger.label()}, {"champion", rollout.champion},
                            {"by", rollout.by}, {"why", rollout.why}};
    console.result(event.dump() + "\n");
    return;
  }
  console.result(fmt::format("{}: the rollout of {} is {}{}\n", console.out(Style::Strong, rollout.deploy), rollout.challenger.label(),
                             release::stageText(rollout.stage), rollout.stage == release::Stage::Canary ? fmt::format(" at {:g}%", rollout.share() * 100) : ""));
}

Status deliverMessages(const Project& project, track::Ledger& ledger, const Console& console) {
  notify::DeliveryOptions options{.lock_file = project.state + "/outbox.lock"};
  options.cancelled = [] { return interruptFlag().load(); };
  CD4ML_TRY(const std::vector<notify::Delivery> deliveries, notify::deliverPending(ledger, options));
  for (const notify::Delivery& delivery : deliveries) {
    switch (delivery.last.outcome) {
      case track::Outcome::Delivered:
        console.note(fmt::format("sent to {} ({}): {}\n", delivery.message.notify, delivery.message.channel, delivery.last.detail));
        break;
      case track::Outcome::Retry:
      case track::Outcome::GivenUp:
        console.problem(fmt::format("{}: message to {} not delivered: {}{}\n", console.err(Style::Warning, "warning[CD6002]"),
                                    delivery.message.notify, delivery.last.detail,
                                    delivery.last.outcome == track::Outcome::Retry ? "; the next release command tries again" : "; given up"));
    }
  }
  return Done{};
}

}  // namespace cd4ml::driver
