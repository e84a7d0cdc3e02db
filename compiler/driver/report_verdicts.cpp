// The first lines of a report: what happened, why, what to do next.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/driver/console.h"
#include "compiler/driver/report_source.h"
#include "runtime/loop/loop.h"
#include "runtime/release/rollout.h"
#include "runtime/report/text.h"

namespace cd4ml::driver {

namespace {

using report::Tone;
using track::Json;
using track::textOf;

constexpr std::size_t most_reasons = 6;

void addReasons(std::vector<std::string> reasons, std::vector<std::string>& out) {
  const std::size_t more = reasons.size() > most_reasons ? reasons.size() - most_reasons : 0;
  reasons.resize(reasons.size() - more);
  for (std::string& reason : reasons) out.push_back(std::move(reason));
  if (more > 0) out.push_back(fmt::format("{} more, below.", more));
}

std::string checkSentence(const report::GateCheck& check) {
  if (check.verdict == "fail" && check.value) return fmt::format("{} does not hold: the value is {}{}.", check.text, report::number(*check.value), check.limit ? fmt::format(", the limit {}", report::number(*check.limit)) : "");
  return fmt::format("{} could not be decided{}.", check.text, check.reason.empty() ? "" : ": " + check.reason);
}

std::string modelOf(const ReportSource& source, const report::Report& report, const std::string& deploy) {
  const ir::NodeId node = source.pipeline.find(deploy);
  const auto* body = node.valid() ? std::get_if<ir::Deploy>(&source.pipeline[node].body) : nullptr;
  for (const report::Evaluation& evaluation : report.evaluations) {
    const std::string name = evaluation.model.substr(0, evaluation.model.find('@'));
    if (body == nullptr || source.pipeline[body->model].name == name) return evaluation.model;
  }
  return body == nullptr ? std::string("The model") : source.pipeline[body->model].name;
}

void judgeFailed(const ReportSource& source, const RecordedRun& run, report::Report& out) {
  std::string first;
  for (const Json& stage : run.stages) {
    if (textOf(stage, "status") != "failed") continue;
    if (first.empty()) first = textOf(stage, "name");
    const Json error = stage.value("error", Json::object());
    const std::string message = textOf(error, "message");
    out.verdict.why.push_back(fmt::format("{}: {}", textOf(stage, "name"), message.empty() ? textOf(stage, "reason") : fmt::format("{} ({})", message, textOf(error, "code"))));
  }
  const std::string failed = first.empty() ? std::string("The run did not come to its end") : fmt::format("The run failed at {}", first);
  out.verdict.tone = Tone::Bad;
  out.verdict.state = "failed";
  out.verdict.headline = failed + "; nothing was released.";
  if (!first.empty()) out.verdict.next.push_back({"See why", fmt::format("cd4mlc why {}{}", shellWord(first), source.words)});
  out.verdict.next.push_back({"Mend it and run again: what is done already is reused", "cd4mlc run" + source.words});
}

void judgeHeld(const ReportSource& source, const report::Gate& gate, const std::string& champion, report::Report& out) {
  const std::string model = modelOf(source, out, gate.deploy);
  const bool undecided = gate.verdict == "inconclusive";
  out.verdict.tone = undecided ? Tone::Warning : Tone::Bad;
  out.verdict.state = undecided ? "undecided" : "held back";
  out.verdict.headline = fmt::format("{} is held back by the gate {}; {}.", model, gate.name, champion.empty() ? "nothing is released" : champion + " stays the champion");
  std::vector<std::string> reasons;
  for (const report::GateCheck& check : gate.checks) {
    if (check.verdict == "fail" || check.verdict == "inconclusive") reasons.push_back(checkSentence(check));
  }
  addReasons(std::move(reasons), out.verdict.why);
  out.verdict.next.push_back({"Change the pipeline or its data and run again", "cd4mlc run" + source.words});
  if (!gate.deploy.empty()) out.verdict.next.push_back({"Or release it all the same; the reason is recorded", fmt::format("cd4mlc deploy {}{} --override \"REASON\"", shellWord(gate.deploy), source.words)});
}

void judgePassed(const ReportSource& source, const report::Gate& gate, const track::Champion* champion, report::Report& out) {
  const std::string model = modelOf(source, out, gate.deploy);
  std::size_t holds = 0;
  for (const report::GateCheck& check : gate.checks) {
    holds += check.verdict == "pass" ? 1 : 0;
    if (check.verdict == "warn") out.verdict.why.push_back(fmt::format("Warning: {}: the value is {}.", check.text, check.value ? report::number(*check.value) : "unknown"));
    if (check.verdict == "first_release") out.verdict.why.push_back(fmt::format("{}: there was no champion to compare with.", check.text));
  }
  out.verdict.why.insert(out.verdict.why.begin(), fmt::format("{} of {} requirements of the gate {} hold, none fails.", holds, gate.checks.size(), gate.name));
  out.verdict.tone = Tone::Good;
  if (champion != nullptr && champion->label() == model) {
    out.verdict.state = "released";
    out.verdict.headline = fmt::format("{} passed its gate and is the champion of {}.", model, gate.deploy);
    out.verdict.next.push_back({"Let it answer requests", fmt::format("cd4mlc serve {}{}", shellWord(gate.deploy), source.words)});
    return;
  }
  out.verdict.state = "passed";
  out.verdict.headline = fmt::format("{} passes its gate and can be released{}.", model, champion == nullptr ? "" : fmt::format("; {} is still the champion", champion->label()));
  if (!gate.deploy.empty()) out.verdict.next.push_back({"Release it", fmt::format("cd4mlc deploy {}{}", shellWord(gate.deploy), source.words)});
}

std::string columnSentence(const report::Drift& drift) {
  std::string text = fmt::format("{}{} moved", drift.name, drift.segment.empty() ? "" : " where " + drift.segment);
  if (drift.mean_then && drift.mean_now) text += fmt::format(": its mean went from {} to {}", report::number(*drift.mean_then), report::number(*drift.mean_now));
  if (drift.effect && drift.threshold) text += fmt::format(" (effect {}, limit {})", report::number(*drift.effect), report::number(*drift.threshold));
  return text + ".";
}

/// Data first: what is broken explains the rest; then quality, then drift.
std::vector<std::string> alarmReasons(const report::Window& window) {
  std::vector<std::string> out;
  for (const auto* checks : {&window.checks, &window.quality}) {
    for (const report::DataCheck& check : *checks) {
      if (check.verdict == "alarm") out.push_back(check.detail.empty() ? fmt::format("{}: {} does not hold.", check.kind, check.name) : fmt::format("{}: {}.", check.name, check.detail));
    }
  }
  std::vector<const report::Drift*> moved;
  for (const report::Drift& drift : window.drift) {
    if (drift.verdict == "alarm" && drift.segment.empty()) moved.push_back(&drift);
  }
  std::stable_sort(moved.begin(), moved.end(), [](const auto* a, const auto* b) { return a->effect.value_or(0) > b->effect.value_or(0); });
  for (const report::Drift* drift : moved) out.push_back(columnSentence(*drift));
  return out;
}

bool isBroken(const report::Window& window) {
  return std::any_of(window.checks.begin(), window.checks.end(), [](const report::DataCheck& check) { return check.verdict == "alarm"; });
}

std::string headlineOf(const report::Window& window) {
  std::size_t moved = 0, groups = 0, broken = 0, worse = 0;
  for (const report::Drift& drift : window.drift) {
    if (drift.verdict == "alarm") ++(drift.segment.empty() ? moved : groups);
  }
  for (const report::DataCheck& check : window.checks) broken += check.verdict == "alarm" ? 1 : 0;
  for (const report::DataCheck& check : window.quality) worse += check.verdict == "alarm" ? 1 : 0;
  std::string text;
  const auto add = [&](std::size_t count, std::string_view one, std::string_view many) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, count == 1 ? one : many);
  };
  add(broken, "check of the data fails", "checks of the data fail");
  add(worse, "limit on the model's quality is broken", "limits on the model's quality are broken");
  add(moved, "column moved", "columns moved");
  if (moved == 0) add(groups, "group of rows moved", "groups of rows moved");
  return text;
}

void judgeWindow(const ReportSource& source, const std::string& monitor, const std::string& deploy, const report::Window& window, report::Report& out) {
  out.verdict.state = window.verdict == "insufficient" ? "too little data" : window.verdict;
  std::string when = fmt::format("{} ({} rows)", window.label, groupedNumber(window.rows));
  if (when.starts_with("all rows")) when[0] = 'A';
  if (window.verdict == "alarm") {
    out.verdict.tone = Tone::Bad;
    out.verdict.headline = fmt::format("{}: {}.", when, headlineOf(window));
    addReasons(alarmReasons(window), out.verdict.why);
    if (isBroken(window)) {
      out.verdict.next.push_back({"Look at the feed first: a model that learns from broken rows is a broken model. Then look again", fmt::format("cd4mlc monitor {}{}", shellWord(monitor), source.words)});
    } else if (!deploy.empty()) {
      out.verdict.next.push_back({"Train on the present data and let the gate decide", fmt::format("cd4mlc deploy {}{}", shellWord(deploy), source.words)});
    }
    return;
  }
  out.verdict.tone = window.verdict == "ok" ? Tone::Good : window.verdict == "warn" ? Tone::Warning : Tone::Neutral;
  if (window.verdict == "insufficient") out.verdict.headline = fmt::format("{}: too little data to judge{}.", when, window.reason.empty() ? "" : ": " + window.reason);
  else out.verdict.headline = fmt::format("{}: the data is as it was when the model was made{}.", when, window.verdict == "warn" ? ", with warnings" : "");
  for (const report::DataCheck& check : window.checks) {
    if (check.verdict == "warn") out.verdict.why.push_back(fmt::format("Warning: {}{}.", check.name, check.detail.empty() ? "" : ": " + check.detail));
  }
  out.verdict.next.push_back({"Nothing has to be done. Look again when there are new rows", fmt::format("cd4mlc monitor {}{}", shellWord(monitor), source.words)});
}

}  // namespace

void judgeRun(const ReportSource& source, const RecordedRun& run, const std::string& deploy, const std::vector<track::Champion>& champions, report::Report& out) {
  if (run.summary.status == "failed" || run.summary.status == "cancelled") return judgeFailed(source, run, out);
  const auto rank = [](const report::Gate& gate) { return gate.verdict == "held" ? 0 : gate.verdict == "inconclusive" ? 1 : 2; };
  const report::Gate* worst = nullptr;
  for (const report::Gate& gate : out.gates) {
    if (!deploy.empty() && gate.deploy != deploy) continue;
    if (worst == nullptr || rank(gate) < rank(*worst)) worst = &gate;
  }
  if (worst == nullptr) {
    out.verdict = {.tone = Tone::Good, .state = "done", .headline = "The run came to its end; no gate was asked.", .why = {}, .next = {}};
    return;
  }
  const auto champion = std::find_if(champions.begin(), champions.end(), [&](const track::Champion& each) { return each.deploy == worst->deploy; });
  const track::Champion* present = champion == champions.end() ? nullptr : &*champion;
  const bool overridden = present != nullptr && rank(*worst) < 2 && present->label() == modelOf(source, out, worst->deploy);
  if (rank(*worst) == 2) return judgePassed(source, *worst, present, out);
  judgeHeld(source, *worst, present == nullptr ? "" : present->label(), out);
  if (!overridden) return;
  out.verdict.tone = Tone::Warning;
  out.verdict.state = "released by override";
  out.verdict.headline = fmt::format("{} did not pass the gate {}; {} released it all the same.", present->label(), worst->name, present->by.empty() ? "a person" : present->by);
  if (!present->reason.empty()) out.verdict.why.push_back("The reason given: " + present->reason);
  out.verdict.next = {{"Take it back, if it should not have been", fmt::format("cd4mlc rollback {}{}", shellWord(worst->deploy), source.words)}};
}

Status judgeMonitor(const ReportSource& source, ir::NodeId monitor, report::Report& out) {
  const std::string& name = source.pipeline[monitor].name;
  const auto& body = std::get<ir::Monitor>(source.pipeline[monitor].body);
  const bool of_deploy = std::holds_alternative<ir::Deploy>(source.pipeline[body.subject].body);
  const std::string deploy = of_deploy ? source.pipeline[body.subject].name : "";
  const auto window = std::find_if(out.windows.rbegin(), out.windows.rend(), [](const report::Window& each) { return each.verdict != "insufficient"; });
  if (out.windows.empty()) {
    out.verdict = {.tone = Tone::Neutral, .state = "nothing yet", .headline = "No window was judged yet.", .why = {}, .next = {{"Look at captured traffic, or at a file with --data", fmt::format("cd4mlc monitor {}{}", shellWord(name), source.words)}}};
  } else {
    judgeWindow(source, name, deploy, window == out.windows.rend() ? out.windows.back() : *window, out);
  }
  if (!of_deploy) return Done{};
  CD4ML_TRY(const loop::Loop loop, loop::currentLoop(source.ledger, source.opened.scope, name, deploy));
  if (loop.epoch > 0 && !loop.why.empty()) out.verdict.why.push_back(fmt::format("The loop is {} since {}: {}", loop::stateText(loop.state), report::utc(track::timeText(loop.at_us)), loop.why));
  CD4ML_TRY(const std::optional<release::Rollout> rollout, release::currentRollout(source.ledger, source.opened.scope, deploy));
  if (!rollout || !rollout->isOpen()) return Done{};
  out.verdict.why.push_back(fmt::format("{} is taking over from {}: {}{}.", rollout->challenger.label(), rollout->champion, release::stageText(rollout->stage), rollout->why.empty() ? "" : " (" + rollout->why + ")"));
  if (rollout->isActive()) return Done{};
  out.verdict.next = {{"Let the challenger go on", fmt::format("cd4mlc approve {}{} --reason \"REASON\"", shellWord(deploy), source.words)},
                      {"Or end its rollout; the champion stays", fmt::format("cd4mlc reject {}{} --reason \"REASON\"", shellWord(deploy), source.words)}};
  return Done{};
}

}  // namespace cd4ml::driver
