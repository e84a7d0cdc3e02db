// One self-contained HTML file about the last run, a deploy, or a monitor.
#include <filesystem>

#include <fmt/format.h>

#include "compiler/driver/report_source.h"
#include "compiler/driver/state_file.h"
#include "compiler/opt/normalise.h"

namespace cd4ml::driver {

namespace {

using track::Json;

/// What the report is about; both empty: the last run.
struct Subject {
  std::string deploy;
  ir::NodeId monitor;
};

Result<Subject> subjectOf(const Arguments& arguments, const ir::Pipeline& pipeline) {
  Subject out;
  if (arguments.names.empty()) return out;
  if (arguments.names.size() > 1) return makeError("CD4101", "one report is about one thing: `cd4mlc report [DEPLOY|MONITOR]`");
  CD4ML_TRY(const ir::NodeId node, findNode(pipeline, arguments.names[0]));
  if (std::holds_alternative<ir::Monitor>(pipeline[node].body)) out.monitor = node;
  else if (std::holds_alternative<ir::Deploy>(pipeline[node].body)) out.deploy = pipeline[node].name;
  else return makeError("CD4103", fmt::format("`{}` is a {}: a report is about a deploy or a monitor, or without a name about the last run", pipeline[node].name, ir::kindText(pipeline[node])));
  return out;
}

/// The program as the run had it: with its params, where the command line gives none.
Result<ir::Pipeline> pipelineOf(Opened& opened, const Arguments& arguments, const std::optional<RecordedRun>& run) {
  const Json params = run ? track::parseJson(run->summary.params) : Json::object();
  if (arguments.params.empty() && !params.empty()) {
    Given given = givenBy(arguments);
    for (const auto& [name, value] : params.items()) {
      if (value.is_string()) given.params[name] = value.get<std::string>();
    }
    // A param that is gone since then leaves the program as it is now.
    Result<Compilation> then = compileProject(opened.project, given);
    if (then.ok() && !then->diagnostics.hasErrors()) opened.compilation = std::move(*then);
  }
  return opt::normalise(opened.compilation.pipeline);
}

/// The deploys and monitors whose past is told.
void namesOf(const ir::Pipeline& pipeline, const Subject& subject, std::vector<std::string>& deploys, std::vector<std::string>& monitors) {
  std::string deploy = subject.deploy;
  const auto* monitor = subject.monitor.valid() ? std::get_if<ir::Monitor>(&pipeline[subject.monitor].body) : nullptr;
  if (monitor != nullptr) {
    monitors.push_back(pipeline[subject.monitor].name);
    if (std::holds_alternative<ir::Deploy>(pipeline[monitor->subject].body)) deploys.push_back(pipeline[monitor->subject].name);
    return;
  }
  for (const ir::Node& node : pipeline.nodes) {
    if (std::holds_alternative<ir::Deploy>(node.body) && (deploy.empty() || node.name == deploy)) deploys.push_back(node.name);
    const auto* each = std::get_if<ir::Monitor>(&node.body);
    if (each != nullptr && (deploy.empty() || pipeline[each->subject].name == deploy)) monitors.push_back(node.name);
  }
}

Result<report::Report> gather(const ReportSource& source, const Subject& subject, const std::optional<RecordedRun>& run) {
  report::Report out{.title = source.pipeline.name, .subject = {}, .about = aboutOf(source.opened.compilation.sources)};
  if (run) {
    out.subject = subject.deploy.empty() ? fmt::format("{} {}", run->summary.command, run->summary.id) : fmt::format("deploy {}, {}", subject.deploy, run->summary.id);
    out.at = track::timeText(run->summary.started_us);
    CD4ML_TRY_VOID(addRun(source, *run, out));
  }
  std::vector<std::string> deploys, monitors;
  namesOf(source.pipeline, subject, deploys, monitors);
  CD4ML_TRY_VOID(addEvents(source, deploys, monitors, out));
  if (subject.monitor.valid()) {
    const auto& body = std::get<ir::Monitor>(source.pipeline[subject.monitor].body);
    out.subject = fmt::format("monitor {} of {}", source.pipeline[subject.monitor].name, source.pipeline[body.subject].name);
    CD4ML_TRY_VOID(addWindows(source, subject.monitor, out));
    CD4ML_TRY_VOID(judgeMonitor(source, subject.monitor, out));
    return out;
  }
  CD4ML_TRY(const std::vector<track::Champion> champions, track::listChampions(source.ledger, source.opened.scope));
  judgeRun(source, *run, subject.deploy, champions, out);
  return out;
}

Result<int> writeReport(const Arguments& arguments, const Console& console, Opened& opened) {
  CD4ML_TRY(const Subject subject, subjectOf(arguments, opened.compilation.pipeline));
  CD4ML_TRY(Workshop workshop, openWorkshop(opened.project, arguments));
  std::string deploy = subject.deploy;
  if (subject.monitor.valid()) {
    const ir::Node& watched = opened.compilation.pipeline[std::get<ir::Monitor>(opened.compilation.pipeline[subject.monitor].body).subject];
    if (std::holds_alternative<ir::Deploy>(watched.body)) deploy = watched.name;
  }
  CD4ML_TRY(const std::optional<RecordedRun> run, recordedRun(*workshop.ledger, opened.scope, deploy));
  if (!run && !subject.monitor.valid()) {
    Error error = makeError("CD4103", deploy.empty() ? fmt::format("`{}` has no run to report yet", opened.scope.pipeline) : fmt::format("the gate of `{}` was not decided yet", deploy));
    error.help.push_back(deploy.empty() ? "run it: `cd4mlc run`" : fmt::format("release it: `cd4mlc deploy {}`", deploy));
    return error;
  }
  CD4ML_TRY(const ir::Pipeline pipeline, pipelineOf(opened, arguments, run));
  const ReportSource source{.opened = opened, .pipeline = pipeline, .workshop = workshop, .ledger = *workshop.ledger, .words = commandWords(arguments), .personal = personalColumns(pipeline)};
  CD4ML_TRY(const report::Report gathered, gather(source, subject, run));
  const std::string page = report::render(gathered);
  std::string path = arguments.output;
  if (path.empty()) {
    const std::string name = !arguments.names.empty() ? arguments.names[0] : run->summary.id;
    path = fmt::format("{}/reports/{}.{}.html", opened.project.state, arguments.profile, name);
    CD4ML_TRY_VOID(makeFolders(opened.project.state + "/reports"));
  }
  CD4ML_TRY_VOID(replaceFile(path, page));
  if (console.json()) console.result(Json{{"v", 1}, {"report", path}, {"bytes", page.size()}, {"state", gathered.verdict.state}, {"headline", gathered.verdict.headline}}.dump() + "\n");
  else console.result(fmt::format("{}\n{}\n", gathered.verdict.headline, path));
  return Ok;
}

}  // namespace

std::optional<double> numberIn(const Json& object, const char* member) {
  if (!object.is_object()) return std::nullopt;
  const auto at = object.find(member);
  return at != object.end() && at->is_number() ? std::optional(at->get<double>()) : std::nullopt;
}

std::set<std::string> personalColumns(const ir::Pipeline& pipeline) {
  std::set<std::string> out;
  for (const ir::Node& node : pipeline.nodes) {
    for (const ir::Column& column : node.columns) {
      if (column.has(ir::Role::Pii)) out.insert(column.name);
    }
  }
  return out;
}

std::string aboutOf(const source::SourceMap& sources) {
  if (sources.size() == 0) return {};
  std::string about;
  std::string_view text = sources.text(0);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with("pipeline ")) return about;
    if (!line.starts_with("##")) {
      about.clear();
      continue;
    }
    const std::size_t from = line.find_first_not_of("# ");
    if (from == std::string_view::npos) continue;
    about += (about.empty() ? "" : " ") + std::string(line.substr(from));
  }
  return {};
}

std::string shellWord(const std::string& word) {
  const bool plain = !word.empty() && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,@%+") == std::string::npos;
  if (plain) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string commandWords(const Arguments& arguments) {
  std::string out;
  if (arguments.file) out += " " + shellWord(*arguments.file);
  if (arguments.profile != "default") out += " --profile " + shellWord(arguments.profile);
  return out;
}

Result<std::optional<RecordedRun>> recordedRun(track::Ledger& ledger, const track::Scope& scope, const std::string& deploy) {
  CD4ML_TRY(const std::vector<track::RunSummary> runs, track::listRuns(ledger));
  const auto events = [&](std::string_view kind, const std::string& id) -> Result<std::vector<Json>> {
    CD4ML_TRY(const std::vector<std::string> bodies, track::eventsOf(ledger, kind, id));
    std::vector<Json> out;
    for (const std::string& body : bodies) out.push_back(track::parseJson(body));
    return out;
  };
  for (const track::RunSummary& run : runs) {
    const bool wanted = run.scope.pipeline == scope.pipeline && run.scope.profile == scope.profile && (run.command == "run" || run.command == "deploy");
    if (!wanted || run.status == "interrupted") continue;
    RecordedRun out{.summary = run, .stages = {}, .metrics = {}, .gates = {}};
    CD4ML_TRY(out.gates, events("gate", run.id));
    const bool decided = std::any_of(out.gates.begin(), out.gates.end(), [&](const Json& gate) { return track::textOf(gate, "deploy") == deploy; });
    if (!deploy.empty() && !decided) continue;
    CD4ML_TRY(out.stages, events("stage", run.id));
    CD4ML_TRY(out.metrics, events("metric", run.id));
    return std::optional(std::move(out));
  }
  return std::optional<RecordedRun>();
}

int cmdReport(const Arguments& arguments, const Console& console) {
  return withProject(arguments, console, [&](Opened& opened) { return writeReport(arguments, console, opened); });
}

}  // namespace cd4ml::driver
