// What happened to deploys and monitors, from the ledger, in order.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/driver/report_source.h"
#include "runtime/loop/loop.h"
#include "runtime/release/rollout.h"
#include "runtime/track/windows.h"

namespace cd4ml::driver {

namespace {

using report::Tone;

constexpr std::size_t most_windows = 60;

struct Timed { std::int64_t at_us = 0; report::Event event; };
using Story = std::vector<Timed>;

void add(Story& story, std::int64_t at_us, std::string what, std::string text, std::string by, Tone tone) {
  story.push_back({at_us, {.at = track::timeText(at_us), .what = std::move(what), .text = std::move(text), .by = std::move(by), .tone = tone}});
}

Status addChampions(const ReportSource& source, const std::string& deploy, Story& story) {
  CD4ML_TRY(const std::vector<track::Champion> champions, track::championsOf(source.ledger, source.opened.scope, deploy));
  std::string before;
  for (const track::Champion& champion : champions) {
    std::string text = fmt::format("{} became the champion of {}{}", champion.label(), deploy, before.empty() ? "" : ", after " + before);
    if (champion.how == "override") text += ", against its gate";
    if (champion.how == "rollback") text += ", by a rollback";
    if (!champion.reason.empty()) text += ": " + champion.reason;
    add(story, champion.at_us, "deployment", std::move(text), champion.by, champion.how == "deploy" || champion.how == "promote" ? Tone::Good : Tone::Warning);
    before = champion.label();
  }
  return Done{};
}

Tone toneOf(release::Stage stage) {
  switch (stage) {
    case release::Stage::Shadow:
    case release::Stage::Canary:
    case release::Stage::Settling: return Tone::Neutral;
    case release::Stage::Settled: return Tone::Good;
    case release::Stage::Paused:
    case release::Stage::Held: return Tone::Warning;
    case release::Stage::Rejected:
    case release::Stage::RolledBack: return Tone::Bad;
  }
  CD4ML_UNREACHABLE("Stage");
}

std::string stageWords(const release::Rollout& rollout) {
  const std::string model = rollout.challenger.label();
  switch (rollout.stage) {
    case release::Stage::Shadow: return fmt::format("{} is shown all requests and answers none", model);
    case release::Stage::Canary: return fmt::format("{} answers {:g} % of the requests", model, rollout.share() * 100);
    case release::Stage::Settling: return fmt::format("{} answers all requests and is watched", model);
    case release::Stage::Settled: return fmt::format("the rollout of {} is done", model);
    case release::Stage::Paused: return fmt::format("the rollout of {} is paused", model);
    case release::Stage::Held: return fmt::format("the rollout of {} is held; a person has to decide", model);
    case release::Stage::Rejected: return fmt::format("{} is rejected", model);
    case release::Stage::RolledBack: return fmt::format("{} is taken out; {} answers all requests", model, rollout.champion.empty() ? "nothing" : rollout.champion);
  }
  CD4ML_UNREACHABLE("Stage");
}

Status addRollouts(const ReportSource& source, const std::string& deploy, Story& story) {
  CD4ML_TRY(const std::vector<release::Rollout> rollouts, release::rolloutsOf(source.ledger, source.opened.scope, deploy));
  for (const release::Rollout& rollout : rollouts) {
    add(story, rollout.at_us, "rollout", stageWords(rollout) + (rollout.why.empty() ? "" : ": " + rollout.why), rollout.by, toneOf(rollout.stage));
  }
  return Done{};
}

Status addLoops(const ReportSource& source, const std::string& monitor, Story& story) {
  CD4ML_TRY(const std::vector<loop::Loop> loops, loop::loopsOf(source.ledger, source.opened.scope, monitor));
  for (const loop::Loop& loop : loops) {
    const bool retrains = loop.state == loop::State::Retraining;
    const bool held = loop.state == loop::State::Held;
    std::string text = loop.why.empty() ? loop.trigger.text : loop.why;
    if (!loop.model.empty()) text += fmt::format(" ({})", loop.model);
    add(story, loop.at_us, retrains ? "retraining" : fmt::format("loop: {}", loop::stateText(loop.state)), std::move(text), "agent", held ? Tone::Warning : Tone::Neutral);
  }
  return Done{};
}

Status addAlarms(const ReportSource& source, const std::string& monitor, Story& story) {
  const ir::NodeId node = source.pipeline.find(monitor);
  const std::string& subject = source.pipeline[std::get<ir::Monitor>(source.pipeline[node].body).subject].name;
  CD4ML_TRY(const std::vector<track::WindowRecord> windows, track::newestWindows(source.ledger, source.opened.scope, subject, monitor, most_windows));
  for (const track::WindowRecord& window : windows) {
    if (window.verdict != "alarm") continue;
    std::string events;
    for (const std::string& event : window.events) events += fmt::format("{}{}", events.empty() ? ": " : ", ", event);
    const std::string when = window.from.empty() ? "all rows" : fmt::format("the window from {}", window.from.substr(0, 16));
    add(story, window.at_us, "alarm", fmt::format("{} found in {}{}", monitor, when, events), "", Tone::Bad);
  }
  return Done{};
}

Status addRuns(const ReportSource& source, Story& story) {
  CD4ML_TRY(const std::vector<track::RunSummary> runs, track::listRuns(source.ledger));
  for (const track::RunSummary& run : runs) {
    if (run.scope.pipeline != source.opened.scope.pipeline || run.scope.profile != source.opened.scope.profile || (run.status != "held" && run.status != "failed")) continue;
    add(story, run.started_us, "run", run.status == "held" ? fmt::format("{} ended with a model that its gate holds back", run.id) : fmt::format("{} failed", run.id), "",
        run.status == "held" ? Tone::Warning : Tone::Bad);
  }
  return Done{};
}

}  // namespace

Status addEvents(const ReportSource& source, const std::vector<std::string>& deploys, const std::vector<std::string>& monitors, report::Report& out) {
  Story story;
  CD4ML_TRY_VOID(addRuns(source, story));
  for (const std::string& deploy : deploys) {
    CD4ML_TRY_VOID(addChampions(source, deploy, story));
    CD4ML_TRY_VOID(addRollouts(source, deploy, story));
  }
  for (const std::string& monitor : monitors) {
    CD4ML_TRY_VOID(addAlarms(source, monitor, story));
    CD4ML_TRY_VOID(addLoops(source, monitor, story));
  }
  std::stable_sort(story.begin(), story.end(), [](const Timed& a, const Timed& b) { return a.at_us < b.at_us; });
  for (Timed& each : story) out.events.push_back(std::move(each.event));
  return Done{};
}

}  // namespace cd4ml::driver
