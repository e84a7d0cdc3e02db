#include "compiler/driver/run_project.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/live_view.h"
#include "compiler/driver/release_output.h"
#include "compiler/driver/run_report.h"
#include "compiler/driver/run_shortcut.h"
#include "compiler/driver/workshop.h"
#include "compiler/opt/normalise.h"
#include "runtime/exec/clock.h"
#include "runtime/exec/keep_models.h"
#include "runtime/track/json.h"
#include "runtime/track/runs.h"
#include "runtime/track/trials.h"

namespace cd4ml::driver {

namespace {

/// One run from the first look at the program to the exit code.
class ProjectRun {
 public:
  ProjectRun(const Arguments& arguments, const Console& console, const std::vector<std::string>& names, Acting acting)
      : arguments_(arguments), console_(console), names_(names), acting_(acting), view_(console) {}

  int run() {
    listenForInterrupt();
    const Result<int> code = attempt();
    view_.close();
    if (code.ok()) return *code;
    printError(code.error(), compilation_.sources, console_);
    report_.exit = exitCodeOf(code.error());
    report_.status = "failed";
    report_.seconds = clock_.seconds();
    // Whoever reads events waits for the last one, whatever happens.
    if (console_.json() && !report_.run.empty()) console_.result(runEvent(report_) + "\n");
    return report_.exit;
  }

 private:
  Result<int> attempt();
  Status findTargets();
  Status refuseOtherFile();
  [[nodiscard]] std::string paramsJson() const;
  exec::Observer observer();
  void noteTrial(ir::NodeId node, const exec::TrialOutcome& trial);
  exec::RunOutcome runStages();
  Status keep(const exec::RunOutcome& outcome);
  Result<bool> act(const exec::RunOutcome& outcome);
  [[nodiscard]] std::vector<ir::NodeId> deploys() const;
  Result<release::Outcome> decide(ir::NodeId deploy, const exec::RunOutcome& outcome) const;
  void fillReport(const exec::RunOutcome& outcome);
  Status finish(const exec::RunOutcome& outcome, const Watch& watch);
  [[nodiscard]] std::string usersOf(ir::NodeId failed, const exec::RunOutcome& outcome) const;
  void printFailures(const exec::RunOutcome& outcome);

  const Arguments& arguments_;
  const Console& console_;
  const std::vector<std::string>& names_;
  Acting acting_;
  LiveView view_;

  Project project_;
  Compilation compilation_;
  ir::Pipeline pipeline_;
  track::Scope scope_;
  Workshop workshop_;
  std::vector<ir::NodeId> targets_;
  std::vector<track::ModelVersion> models_;
  RunReport report_;
  exec::Stopwatch clock_;
};

Result<int> ProjectRun::attempt() {
  CD4ML_TRY(project_, locateProject(arguments_));
  Watch watch = beginWatch(project_);
  CD4ML_TRY(compilation_, compileProject(project_, givenBy(arguments_)));
  if (printDiagnostics(compilation_, console_)) return Wrong;
  CD4ML_TRY(workshop_, openWorkshop(project_, arguments_));
  CD4ML_TRY(const std::vector<std::string> pinned, pinSchemas(project_, arguments_, workshop_, {}, compilation_));
  for (const std::string& source : pinned) console_.note(fmt::format("{}: schema pinned in cd4ml.lock\n", source));
  if (!pinned.empty() && printDiagnostics(compilation_, console_)) return Wrong;
  scope_ = scopeOf(compilation_, arguments_);
  CD4ML_TRY_VOID(refuseOtherFile());
  pipeline_ = opt::normalise(compilation_.pipeline);
  CD4ML_TRY_VOID(findTargets());
  watchModules(compilation_.sources, watch);
  watchSources(project_, pipeline_, watch);

  report_.pipeline = scope_.pipeline;
  report_.run = track::newRunId();
  const track::RunBegin begin{.id = report_.run, .scope = scope_, .command = arguments_.command,
                              .file = std::filesystem::absolute(project_.entry).lexically_normal().string(),
                              .params = paramsJson()};
  CD4ML_TRY_VOID(track::beginRun(*workshop_.ledger, begin));
  CD4ML_TRY_VOID(lookUpChampions(project_, scope_, workshop_));
  const exec::RunOutcome outcome = runStages();
  CD4ML_TRY_VOID(keep(outcome));
  fillReport(outcome);
  CD4ML_TRY_VOID(finish(outcome, watch));
  if (acting_ == Acting::Yes && report_.exit != Cancelled && report_.exit != StageFailed) {
    CD4ML_TRY(const bool held, act(outcome));
    return held ? HeldBack : Ok;
  }
  return report_.exit;
}

Status ProjectRun::findTargets() {
  const bool only_deploys = acting_ == Acting::Yes && arguments_.command == "deploy";
  for (const std::string& name : names_) {
    CD4ML_TRY(const ir::NodeId node, findNode(pipeline_, name));
    if (only_deploys && !std::holds_alternative<ir::Deploy>(pipeline_[node].body)) {
      return makeError("CD6005", fmt::format("`{}` is a {}, not a deploy", name, ir::kindText(pipeline_[node])));
    }
    targets_.push_back(node);
  }
  if (only_deploys && targets_.empty()) {
    for (std::uint32_t i = 0; i < pipeline_.nodes.size(); ++i) {
      const bool of_entry = pipeline_.nodes[i].span.file == pipeline_.file;
      if (of_entry && std::holds_alternative<ir::Deploy>(pipeline_.nodes[i].body)) targets_.push_back({i});
    }
    if (targets_.empty()) return makeError("CD6005", fmt::format("`{}` declares no deploy", pipeline_.name));
  }
  return Done{};
}

Status ProjectRun::refuseOtherFile() {
  const std::string file = std::filesystem::absolute(project_.entry).lexically_normal().string();
  CD4ML_TRY(const auto other, track::otherEntryFile(*workshop_.ledger, scope_.pipeline, file));
  if (!other) return Done{};
  Error error = makeError("CD4105", fmt::format("pipeline `{}` in this state belongs to `{}`", scope_.pipeline, *other));
  error.help.emplace_back("rename one of the two pipelines, or give this one a state of its own with --state DIR");
  return error;
}

std::string ProjectRun::paramsJson() const {
  track::Json params = track::Json::object();
  for (const ir::Param& param : pipeline_.params) {
    if (param.origin != "default") params[param.name] = ir::literalText(param.value);
  }
  return params.dump();
}

exec::Observer ProjectRun::observer() {
  exec::Observer observer;
  observer.started = [this](ir::NodeId node) { view_.started(node, pipeline_[node].name); };
  observer.waiting = [this](ir::NodeId node) { view_.waiting(node); };
  observer.progress = [this](ir::NodeId node, std::uint64_t done, std::uint64_t total, std::string_view what) {
    view_.progress(node, done, total, what);
  };
  observer.warned = [this](ir::NodeId node, const Error& warning) {
    if (!console_.quiet()) {
      view_.say(fmt::format("{} {}: {}\n", console_.err(Style::Warning, fmt::format("warning[{}]", warning.code)),
                            pipeline_[node].name, warning.describe()));
    }
  };
  observer.tried = [this](ir::NodeId node, const exec::TrialOutcome& trial) { noteTrial(node, trial); };
  observer.finished = [this](const exec::StageResult& stage) {
    view_.finished(stage.node);
    if (!console_.json()) return;
    std::string text = exec::stageEvent(pipeline_, stage) + "\n";
    for (const std::string& event : exec::metricEvents(pipeline_, stage)) text += event + "\n";
    for (const std::string& event : exec::gateEvents(pipeline_, stage)) text += event + "\n";
    console_.result(text);
  };
  return observer;
}

void ProjectRun::noteTrial(ir::NodeId node, const exec::TrialOutcome& trial) {
  const track::Trial record{.run = report_.run, .scope = scope_, .model = pipeline_[node].name, .number = static_cast<std::int64_t>(trial.number),
                            .options = trial.options, .metric = trial.metric, .value = trial.value, .seconds = trial.seconds,
                            .cached = trial.cached};
  const Status recorded = track::recordTrial(*workshop_.ledger, record);
  if (!recorded.ok()) view_.say(fmt::format("trial {} of {} is not in the ledger: {}\n", trial.number, record.model, recorded.error().describe()));
  if (console_.json()) console_.result(exec::trialEvent(pipeline_, node, trial) + "\n");
}

exec::RunOutcome ProjectRun::runStages() {
  const exec::RunOutcome outcome = exec::runPipeline(pipeline_, targets_, workshop_.config, observer());
  view_.close();
  return outcome;
}

Status ProjectRun::keep(const exec::RunOutcome& outcome) {
  if (outcome.cancelled) return Done{};
  const exec::KeepSetting setting{.scope = scope_, .run = report_.run, .state = project_.state};
  CD4ML_TRY(models_, exec::keepModels(pipeline_, outcome, workshop_.config, *workshop_.ledger, setting));
  return Done{};
}

void ProjectRun::fillReport(const exec::RunOutcome& outcome) {
  for (const exec::StageResult& stage : outcome.stages) {
    const ir::Node& node = pipeline_[stage.node];
    const bool done = stage.status == exec::StageStatus::Ran || stage.status == exec::StageStatus::Cached;
    report_.stages.push_back({.name = node.name, .kind = std::string(ir::kindText(node)),
                              .status = std::string(exec::statusText(stage.status)), .seconds = stage.seconds, .rows = stage.rows,
                              .columns = stage.columns(pipeline_), .columns_ran = stage.columnsRan(pipeline_),
                              .key = done ? stage.key().text() : "", .content = done ? stage.content().text() : "",
                              .reason = stage.reason});
    for (std::string& event : exec::metricEvents(pipeline_, stage)) report_.metrics.push_back(std::move(event));
    for (std::string& event : exec::gateEvents(pipeline_, stage)) report_.gates.push_back(std::move(event));
  }
  for (const track::ModelVersion& model : models_) {
    report_.models.push_back({model.label(), model.id, (std::filesystem::path(project_.state) / model.bundle).string()});
  }
  report_.seconds = clock_.seconds();
  if (outcome.cancelled) {
    report_.status = "cancelled";
    report_.exit = Cancelled;
  } else if (outcome.failed) {
    report_.status = "failed";
    report_.exit = StageFailed;
  } else if (outcome.held()) {
    report_.status = "held";
    report_.exit = HeldBack;
  }
}

Status ProjectRun::finish(const exec::RunOutcome& outcome, const Watch& watch) {
  // What the ledger names must be safe before the ledger names it.
  if (report_.count("ran") > 0) CD4ML_TRY_VOID(workshop_.cas->sync());
  track::RunEnd end{.id = report_.run, .event = runEvent(report_), .stages = {}, .metrics = report_.metrics, .gates = report_.gates};
  for (const exec::StageResult& stage : outcome.stages) end.stages.push_back(exec::stageRecord(pipeline_, stage));
  CD4ML_TRY_VOID(track::endRun(*workshop_.ledger, end));
  const bool complete = report_.exit == Ok || report_.exit == HeldBack;
  if (complete && arguments_.command == "run" && acting_ == Acting::No) keepSnapshot(arguments_, project_, watch, report_);
  if (console_.json()) {
    std::string text;
    for (const ReportModel& model : report_.models) text += modelEvent(model) + "\n";
    // With --deploy the decisions come before the last event.
    if (acting_ == Acting::No || !complete) text += end.event + "\n";
    console_.result(text);
  } else {
    console_.result(renderReport(report_, console_));
  }
  printFailures(outcome);
  return Done{};
}

/// The stages that wait for a failed one, each for the one before: "`kept` → `row` → `m`".
std::string ProjectRun::usersOf(ir::NodeId failed, const exec::RunOutcome& outcome) const {
  std::string path;
  ir::NodeId last = failed;
  for (;;) {
    const auto user = std::find_if(outcome.stages.begin(), outcome.stages.end(), [&](const exec::StageResult& stage) {
      if (stage.status != exec::StageStatus::Skipped) return false;
      const std::vector<ir::NodeId> inputs = ir::inputsOf(pipeline_[stage.node]);
      return std::find(inputs.begin(), inputs.end(), last) != inputs.end();
    });
    if (user == outcome.stages.end()) return path;
    last = user->node;
    path += fmt::format("{}`{}`", path.empty() ? "" : " → ", pipeline_[last].name);
  }
}

void ProjectRun::printFailures(const exec::RunOutcome& outcome) {
  for (const exec::StageResult& stage : outcome.stages) {
    if (!stage.error) continue;
    Error error = *stage.error;
    if (const std::string users = usersOf(stage.node, outcome); !users.empty()) error.help.push_back("needed by " + users);
    printError(error, compilation_.sources, console_);
  }
  if (outcome.cancelled) console_.note("cancelled: what is done is kept; the same command goes on from here\n");
  if (report_.exit == HeldBack && acting_ == Acting::No && !console_.json()) {
    console_.note("a gate holds the release back; `cd4mlc deploy` would tell, `cd4mlc deploy --override \"REASON\"` release it\n");
  }
}

std::vector<ir::NodeId> ProjectRun::deploys() const {
  std::vector<ir::NodeId> chosen;
  for (std::uint32_t i = 0; i < pipeline_.nodes.size(); ++i) {
    if (!std::holds_alternative<ir::Deploy>(pipeline_.nodes[i].body)) continue;
    const bool named = std::find(targets_.begin(), targets_.end(), ir::NodeId{i}) != targets_.end();
    if (named || arguments_.command != "deploy") chosen.push_back({i});
  }
  return chosen;
}

Result<release::Outcome> ProjectRun::decide(ir::NodeId node, const exec::RunOutcome& outcome) const {
  const auto& deploy = std::get<ir::Deploy>(pipeline_[node].body);
  release::Request request{.scope = scope_, .deploy = pipeline_[node].name};
  for (const track::ModelVersion& model : models_) {
    if (model.model == pipeline_[deploy.model].name) request.candidate = model;
  }
  if (request.candidate.id.empty()) return makeError("CD6005", fmt::format("the model of `{}` was not brought up to date", request.deploy));
  request.verdict = "pass";
  request.run = report_.run;
  request.override_reason = arguments_.override_reason;
  const auto champion = workshop_.config.champions.find(request.deploy);
  if (champion != workshop_.config.champions.end()) request.champion_id = champion->second.id.text();
  for (const exec::StageResult& stage : outcome.stages) {
    const std::vector<std::string> events = exec::gateEvents(pipeline_, stage);
    for (std::size_t i = 0; i < stage.gates.size(); ++i) {
      if (stage.gates[i].deploy != node) continue;
      request.gate = pipeline_[stage.gates[i].gate].name;
      request.verdict = std::string(exec::verdictText(stage.gates[i].result.verdict));
      request.gate_event = events[i];
    }
  }
  if (deploy.gate.valid()) {
    for (const ir::NodeId notify : std::get<ir::Gate>(pipeline_[deploy.gate].body).notify) {
      request.channels.push_back(channelOf(pipeline_[notify]));
    }
  }
  request.events = eventChannelsOf(pipeline_, deploy);
  request.rollout = rolloutOf(project_, scope_, request.deploy, deploy);
  request.by = personName();
  markChampions(project_);
  CD4ML_TRY(release::Outcome decided, release::decideRelease(*workshop_.ledger, request));
  markChampions(project_);
  return decided;
}

Result<bool> ProjectRun::act(const exec::RunOutcome& first) {
  bool held = false;
  exec::RunOutcome outcome = first;
  for (const ir::NodeId node : deploys()) {
    CD4ML_TRY(release::Outcome decided, decide(node, outcome));
    // Another process changed the champion since the verdict: decide against the new one.
    for (int i = 0; decided.action == release::Action::Stale && i < 3; ++i) {
      CD4ML_TRY_VOID(lookUpChampions(project_, scope_, workshop_));
      outcome = exec::runPipeline(pipeline_, targets_, workshop_.config, {});
      CD4ML_TRY(decided, decide(node, outcome));
    }
    std::string candidate;
    for (const track::ModelVersion& model : models_) {
      if (model.model == pipeline_[std::get<ir::Deploy>(pipeline_[node].body).model].name) candidate = model.label();
    }
    printOutcome(console_, pipeline_[node].name, candidate, decided);
    held |= decided.action == release::Action::Held || decided.action == release::Action::Stale;
  }
  CD4ML_TRY_VOID(deliverMessages(project_, *workshop_.ledger, console_));
  report_.exit = held ? HeldBack : Ok;
  report_.status = held ? "held" : "ok";
  if (console_.json()) console_.result(runEvent(report_) + "\n");
  return held;
}

}  // namespace

int runProject(const Arguments& arguments, const Console& console, const std::vector<std::string>& targets, Acting acting) {
  return ProjectRun(arguments, console, targets, acting).run();
}

}  // namespace cd4ml::driver
