#include "runtime/release/message.h"

#include <cmath>

#include <fmt/format.h>

#include "runtime/release/cloud_event.h"
#include "runtime/track/json.h"

namespace cd4ml::release {

namespace {

using track::Json;

/// A number for people: four significant decimals, no trailing zeros.
std::string figure(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return "unknown";
  std::string text = fmt::format("{:.4f}", value.get<double>());
  while (text.ends_with('0')) text.pop_back();
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string failedLine(const Json& check) {
  const std::string text = track::textOf(check, "text");
  const std::string reason = track::textOf(check, "reason");
  const Json value = check.value("value", Json());
  const Json limit = check.value("limit", Json());
  if (!value.is_number() || !limit.is_number()) {
    return fmt::format("- {}: {}", text, reason.empty() ? "could not be decided" : reason);
  }
  const double distance = std::abs(value.get<double>() - limit.get<double>());
  return fmt::format("- {}: is {}, {} away from the limit {}{}", text, figure(value), figure(Json(distance)), figure(limit),
                     reason.empty() ? "" : " (" + reason + ")");
}

std::string optionsOf(const track::Scope& scope) { return scope.profile == "default" ? "" : " --profile " + scope.profile; }

std::string promotedText(const track::Champion& champion, const std::string& before, const std::string& why) {
  return fmt::format("{}: {} is champion of {} now{} ({}).{}", champion.scope.pipeline, champion.label(), champion.deploy,
                     before.empty() ? "" : ", after " + before, why,
                     before.empty() ? "" : fmt::format("\nTo go back: `cd4mlc rollback {}{}`.", champion.deploy, optionsOf(champion.scope)));
}

std::string rolloutText(const Rollout& rollout, std::string_view event) {
  if (event == "promoted") return promotedText(rollout.challenger, rollout.champion, rollout.why);
  const std::string options = optionsOf(rollout.scope);
  const std::string what = fmt::format("{}: the rollout of {} to {}", rollout.scope.pipeline, rollout.challenger.label(), rollout.deploy);
  if (event == "held") {
    return fmt::format("{} is held: {}.\nChampion stays {}.\nNext: `cd4mlc approve {}{} --reason \"…\"` releases it, "
                       "`cd4mlc reject {}{} --reason \"…\"` ends it.",
                       what, rollout.why, rollout.champion, rollout.deploy, options, rollout.deploy, options);
  }
  return fmt::format("{} was rolled back: {}.\n{} answers all requests.\nNext: look with `cd4mlc show {}{}`.", what, rollout.why,
                     rollout.champion, rollout.challenger.model, options);
}

/// What every message about a model's release carries.
Json releaseData(std::string text, const track::Champion& model, const std::string& before, const std::string& before_id) {
  Json data{{"text", std::move(text)},
            {"pipeline", model.scope.pipeline},
            {"profile", model.scope.profile},
            {"deploy", model.deploy},
            {"model", {{"name", model.label()}, {"id", model.id}}},
            {"champion", nullptr},
            {"run", model.run}};
  if (!before_id.empty()) data["champion"] = {{"name", before}, {"id", before_id}};
  return data;
}

}  // namespace

std::string heldText(const Request& request, const std::optional<track::Champion>& champion) {
  std::string text = fmt::format("{}: gate {} {} {} back from {}.\n", request.scope.pipeline, request.gate,
                                 request.verdict == "held" ? "holds" : "could not decide and holds",
                                 request.candidate.label(), request.deploy);
  for (const Json& check : track::parseJson(request.gate_event).value("checks", Json::array())) {
    const std::string verdict = track::textOf(check, "verdict");
    if (verdict == "fail" || verdict == "inconclusive") text += failedLine(check) + "\n";
  }
  text += champion ? fmt::format("Champion stays {}.\n", champion->label())
                   : fmt::format("{} has no champion yet.\n", request.deploy);
  const std::string profile = request.scope.profile == "default" ? "" : " --profile " + request.scope.profile;
  text += fmt::format("Next: look with `cd4mlc show {}{}`, improve the model and `cd4mlc deploy {}{}`,\n"
                      "or release it all the same with `cd4mlc deploy {}{} --override \"REASON\"`.",
                      request.gate, profile, request.deploy, profile, request.deploy, profile);
  return text;
}

track::Message heldMessage(const Request& request, const std::optional<track::Champion>& champion, const Channel& channel,
                           std::int64_t at_us) {
  const Json event = track::parseJson(request.gate_event);
  const Json checks = event.value("checks", Json::array());
  const std::string verdict =
      Hasher("cd4ml verdict").string(request.gate).string(request.verdict).string(checks.dump()).finish().text();
  const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", request.scope.pipeline, request.scope.profile,
                                      request.deploy, request.candidate.id, request.champion_id, verdict, channel.notify);
  const Envelope envelope{.scope = request.scope, .id = deliveryId(key), .type = "cd4ml.release.held", .subject = "deploy/" + request.deploy, .at_us = at_us};
  Json data{{"text", heldText(request, champion)},
            {"pipeline", request.scope.pipeline},
            {"profile", request.scope.profile},
            {"deploy", request.deploy},
            {"gate", request.gate},
            {"verdict", request.verdict},
            {"model", {{"name", request.candidate.label()}, {"id", request.candidate.id}}},
            {"champion", nullptr},
            {"checks", checks},
            {"run", request.run}};
  if (champion) data["champion"] = {{"name", champion->label()}, {"id", champion->id}};
  return messageTo(channel, key, envelope, data);
}

track::Message rolloutMessage(const Rollout& rollout, std::string_view event, const Channel& channel, std::int64_t at_us) {
  const std::string key = fmt::format("{}\n{}\n{}", rollout.id, event, channel.notify);
  const Envelope envelope{.scope = rollout.scope, .id = deliveryId(key), .type = fmt::format("cd4ml.release.{}", event), .subject = "deploy/" + rollout.deploy, .at_us = at_us};
  Json data = releaseData(rolloutText(rollout, event), rollout.challenger, rollout.champion, rollout.champion_id);
  data["rollout"] = rollout.id;
  data["why"] = rollout.why;
  data["by"] = rollout.by;
  data["evidence"] = track::parseJson(rollout.evidence);
  return messageTo(channel, key, envelope, data);
}

track::Message promotedMessage(const Request& request, const Outcome& outcome, const Channel& channel, std::int64_t at_us) {
  const std::string before_id = outcome.previous ? outcome.previous->id : "";
  const std::string before = outcome.previous ? outcome.previous->label() : "";
  const std::string key = fmt::format("{}\n{}\n{}\n{}\npromoted\n{}", track::subjectOf(request.scope, request.deploy), request.run,
                                      outcome.champion->id, before_id, channel.notify);
  const Envelope envelope{.scope = request.scope, .id = deliveryId(key), .type = "cd4ml.release.promoted", .subject = "deploy/" + request.deploy, .at_us = at_us};
  const std::string why = outcome.champion->how == "override" ? "by override: " + outcome.champion->reason : "passed its gate; no live traffic";
  Json data = releaseData(promotedText(*outcome.champion, before, why), *outcome.champion, before, before_id);
  data["why"] = why;
  data["by"] = request.by;
  return messageTo(channel, key, envelope, data);
}

track::Message testMessage(const track::Scope& scope, const Channel& channel, std::int64_t at_us) {
  const std::string key = fmt::format("test\n{}\n{}\n{}\n{}", scope.pipeline, scope.profile, channel.notify, at_us);
  const Envelope envelope{.scope = scope, .id = deliveryId(key), .type = "cd4ml.notify.test", .subject = "notify/" + channel.notify, .at_us = at_us};
  return messageTo(channel, key, envelope, {{"text", fmt::format("{}: a test message to {}. Nothing needs to be done.", scope.pipeline, channel.notify)}});
}

}  // namespace cd4ml::release
