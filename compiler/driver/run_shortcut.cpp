#include "compiler/driver/run_shortcut.h"

#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "compiler/driver/state_file.h"
#include "compiler/driver/version.h"
#include "runtime/exec/clock.h"
#include "runtime/exec/source_files.h"
#include "runtime/store/plan_snapshot.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

namespace {

namespace fs = std::filesystem;
using store::WatchedFile;
using track::Json;

std::string snapshotPath(const Project& project) { return project.state + "/plan.snap"; }
std::string championsMark(const Project& project) { return project.state + "/champions.mark"; }

/// Everything besides files that a run depends on.
std::string settingsOf(const Arguments& arguments, const Project& project) {
  Json params = Json::object();
  for (const auto& [name, value] : arguments.params) params[name] = value;
  const Json settings{{"version", versionLine()}, {"entry", project.entry}, {"profile", arguments.profile}, {"params", params},
                      {"targets", arguments.names}};
  return settings.dump();
}

std::string packReport(const RunReport& report) {
  Json models = Json::array();
  for (const ReportModel& model : report.models) models.push_back({{"label", model.label}, {"id", model.id}, {"bundle", model.bundle}});
  return Json{{"pipeline", report.pipeline}, {"run", report.run},       {"status", report.status}, {"exit", report.exit},
              {"metrics", report.metrics},   {"gates", report.gates},   {"models", models}}
      .dump();
}

RunReport unpack(const store::PlanSnapshot& snapshot) {
  const Json packed = track::parseJson(snapshot.report);
  RunReport report;
  report.pipeline = track::textOf(packed, "pipeline");
  report.run = track::textOf(packed, "run");
  report.status = track::textOf(packed, "status");
  report.exit = packed.value("exit", 0);
  for (const Json& event : packed.value("metrics", Json::array())) report.metrics.push_back(event.get<std::string>());
  for (const Json& event : packed.value("gates", Json::array())) report.gates.push_back(event.get<std::string>());
  for (const Json& model : packed.value("models", Json::array())) {
    report.models.push_back({track::textOf(model, "label"), track::textOf(model, "id"), track::textOf(model, "bundle")});
  }
  for (const store::SnapshotStage& stage : snapshot.stages) {
    report.stages.push_back({.name = stage.name, .kind = stage.kind, .status = "cached", .seconds = 0, .rows = stage.rows,
                             .columns = stage.columns, .columns_ran = 0, .key = stage.key, .content = stage.content, .reason = {}});
  }
  return report;
}

/// Ten thousand of these take a few milliseconds, so they are written by hand; names are identifiers.
std::string cachedEvent(const ReportStage& stage) {
  std::string columns;
  if (stage.columns > 0) columns = fmt::format(R"("columns":{{"ran":0,"cached":{}}},)", stage.columns);
  return fmt::format(R"({{"v":1,"event":"stage","name":{},"kind":"{}","status":"cached","seconds":0.0,"rows":{},{}"key":"{}","content":"{}"}})",
                     Json(stage.name).dump(), stage.kind, stage.rows, columns, stage.key, stage.content);
}

void printEvents(const RunReport& report, const Console& console) {
  std::string text;
  for (const ReportStage& stage : report.stages) text += cachedEvent(stage) + "\n";
  for (const std::string& event : report.metrics) text += event + "\n";
  for (const std::string& event : report.gates) text += event + "\n";
  for (const ReportModel& model : report.models) text += modelEvent(model) + "\n";
  console.result(text + runEvent(report) + "\n");
}

/// A pattern over folders (`*/x.csv`) could match in a folder that is not watched.
bool canWatch(const ir::Pipeline& pipeline) {
  for (const ir::Node& node : pipeline.nodes) {
    const auto* source = std::get_if<ir::Source>(&node.body);
    if (source == nullptr) continue;
    for (const std::string& path : source->paths) {
      if (exec::isPattern(fs::path(path).parent_path().string())) return false;
    }
  }
  return true;
}

}  // namespace

std::optional<int> answerFromSnapshot(const Arguments& arguments, const Console& console) {
  const exec::Stopwatch watch;
  const Result<Project> project = locateProject(arguments);
  if (!project.ok()) return std::nullopt;
  const auto snapshot = store::readSnapshotIfHolds(snapshotPath(*project), settingsOf(arguments, *project));
  if (!snapshot) return std::nullopt;
  RunReport report = unpack(*snapshot);
  // A bundle that was deleted is written again by the long way. (Its stat says nothing: it is younger than the run.)
  for (const ReportModel& model : report.models) {
    if (!fs::exists(model.bundle)) return std::nullopt;
  }
  report.seconds = watch.seconds();
  if (console.json()) {
    printEvents(report, console);
  } else {
    console.result(renderReport(report, console));
  }
  return report.exit;
}

Watch beginWatch(const Project& project) {
  Watch watch{.seen_ns = store::nowNs(), .files = {}};
  for (const std::string& path : {project.entry, project.lock_file, championsMark(project)}) {
    watch.files.push_back(store::watchFile(path, WatchedFile::By::Content));
  }
  return watch;
}

void watchModules(const source::SourceMap& sources, Watch& watch) {
  for (FileIndex file = 1; file < sources.size(); ++file) {
    const std::string path(sources.path(file));
    watch.files.push_back(store::watchFile(path, WatchedFile::By::Content));
    // Changed since it was compiled: what is kept now would not be what ran.
    const Result<std::string> text = readFile(path);
    if (!text.ok() || *text != sources.text(file)) watch.seen_ns = 0;
  }
}

void watchSources(const Project& project, const ir::Pipeline& pipeline, Watch& watch) {
  if (!canWatch(pipeline)) watch.seen_ns = 0;
  for (const ir::Node& node : pipeline.nodes) {
    for (const std::string& path : ir::filesOf(node)) {
      const std::string full = exec::fullPath(project.folder, path);
      if (!exec::isPattern(path)) {
        watch.files.push_back(store::watchFile(full, WatchedFile::By::Stat));
        continue;
      }
      // A new file in the folder of a pattern may match it.
      watch.files.push_back(store::watchFile(fs::path(full).parent_path().string(), WatchedFile::By::Stat));
      for (const std::string& file : exec::matchingFiles(full)) watch.files.push_back(store::watchFile(file, WatchedFile::By::Stat));
    }
  }
}

void keepSnapshot(const Arguments& arguments, const Project& project, Watch watch, const RunReport& report) {
  if (watch.seen_ns == 0) return;
  store::PlanSnapshot snapshot{.settings = settingsOf(arguments, project), .seen_ns = watch.seen_ns,
                               .files = std::move(watch.files), .stages = {}, .report = packReport(report)};
  for (const ReportStage& stage : report.stages) {
    snapshot.stages.push_back({.name = stage.name, .kind = stage.kind, .columns = stage.columns, .rows = stage.rows,
                               .key = stage.key, .content = stage.content, .summary = {}});
  }
  // A run without its shortcut is only slower.
  (void)store::writeSnapshot(snapshotPath(project), snapshot);
}

void markChampions(const Project& project) {
  store::removeSnapshot(snapshotPath(project));
  (void)replaceFile(championsMark(project), fmt::format("{} {}\n", store::nowNs(), getpid()));
}

}  // namespace cd4ml::driver
