// A run as a report: stages, gates, metrics, provenance.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "compiler/driver/report_source.h"
#include "compiler/driver/version.h"
#include "runtime/exec/metric_direction.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

report::Better betterOf(std::string_view metric) {
  switch (exec::directionOf(metric)) {
    case exec::Direction::Higher: return report::Better::Higher;
    case exec::Direction::Lower: return report::Better::Lower;
    case exec::Direction::Neither:
    case exec::Direction::Table: return report::Better::Neither;
  }
  CD4ML_UNREACHABLE("Direction");
}

/// The row of stdlib/metrics.def behind a metric's name.
std::string metricBehind(const ir::Evaluate& evaluate, const std::string& name) {
  for (const ir::Metric& metric : evaluate.metrics) {
    if (metric.name == name) return metric.metric;
  }
  return {};
}

const Json* stageOf(const RecordedRun& run, const std::string& name) {
  for (const Json& stage : run.stages) {
    if (textOf(stage, "name") == name) return &stage;
  }
  return nullptr;
}

void addStages(const ReportSource& source, const RecordedRun& run, report::Report& out) {
  std::vector<std::optional<std::size_t>> places(source.pipeline.nodes.size());
  for (std::uint32_t n = 0; n < source.pipeline.nodes.size(); ++n) {
    const ir::Node& node = source.pipeline.nodes[n];
    if (std::holds_alternative<ir::Notify>(node.body)) continue;
    report::Stage stage{.name = node.name, .kind = std::string(ir::kindText(node))};
    for (const ir::NodeId input : ir::inputsOf(node)) {
      if (places[input.index]) stage.inputs.push_back(*places[input.index]);
    }
    if (const Json* event = stageOf(run, node.name)) {
      stage.status = textOf(*event, "status");
      stage.seconds = event->value("seconds", 0.0);
      stage.rows = event->value("rows", std::uint64_t{0});
      stage.reason = textOf(*event, "reason");
    }
    places[n] = out.stages.size();
    out.stages.push_back(std::move(stage));
  }
}

/// The metric whose own value a check limits; "" where it limits something else.
std::string limitedMetric(const ir::Pipeline& pipeline, const ir::Gate& gate, const std::string& text) {
  for (const ir::GateCheck& check : gate.checks) {
    if (check.text != text || check.left.terms.size() != 1) continue;
    const ir::GateTerm& term = check.left.terms[0].second;
    if (term.kind != ir::GateTerm::Kind::Metric || term.over != ir::GateTerm::Over::Whole || check.left.terms[0].first != 1.0) continue;
    return std::get<ir::Evaluate>(pipeline[gate.evaluates[term.evaluate]].body).metrics[term.metric].name;
  }
  return {};
}

std::optional<double> championValue(const report::Report& report, const std::string& metric) {
  for (const report::Evaluation& evaluation : report.evaluations) {
    for (const report::Metric& each : evaluation.compared) {
      if (each.name == metric && !metric.empty()) return each.champion;
    }
  }
  return std::nullopt;
}

void addGates(const ReportSource& source, const RecordedRun& run, report::Report& out) {
  for (const Json& event : run.gates) {
    report::Gate gate{.name = textOf(event, "name"), .deploy = textOf(event, "deploy"), .verdict = textOf(event, "verdict")};
    const ir::NodeId node = source.pipeline.find(gate.name);
    for (const Json& check : event.value("checks", Json::array())) {
      report::GateCheck& to = gate.checks.emplace_back();
      to = {.text = textOf(check, "text"), .verdict = textOf(check, "verdict"), .reason = textOf(check, "reason"), .value = numberIn(check, "value"), .limit = numberIn(check, "limit"),
            .champion = {}, .confidence = numberIn(check, "confidence")};
      if (!node.valid()) continue;
      if (const auto* body = std::get_if<ir::Gate>(&source.pipeline[node].body)) to.champion = championValue(out, limitedMetric(source.pipeline, *body, to.text));
    }
    out.gates.push_back(std::move(gate));
  }
}

std::string sliceText(const Json& slice) {
  std::string text;
  for (const auto& [name, value] : slice.items()) text += fmt::format("{}{}", text.empty() ? "" : ", ", value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

std::string sliceNames(const Json& slice) {
  std::string text;
  for (const auto& [name, value] : slice.items()) text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  return text;
}

bool isPersonal(const ReportSource& source, const Json& slice) {
  return std::any_of(slice.items().begin(), slice.items().end(), [&](const auto& item) { return source.personal.contains(item.key()); });
}

void addSlice(const ReportSource& source, const Json& event, const std::string& metric, report::Evaluation& to) {
  const Json slice = event["slice"];
  if (isPersonal(source, slice)) return;
  const std::string name = textOf(event, "name");
  const std::string by = sliceNames(slice);
  auto at = std::find_if(to.slices.begin(), to.slices.end(), [&](const report::Slices& each) { return each.metric == name && each.by == by; });
  if (at == to.slices.end()) {
    to.slices.push_back({.metric = name, .by = by, .whole = {}, .better = betterOf(metric)});
    at = to.slices.end() - 1;
  }
  at->slices.push_back({.label = sliceText(slice), .value = numberIn(event, "value"), .rows = event.value("rows", std::uint64_t{0}), .reason = textOf(event, "reason")});
}

void addEvaluations(const ReportSource& source, const RecordedRun& run, report::Report& out) {
  for (const Json& event : run.metrics) {
    const std::string name = textOf(event, "evaluate");
    const ir::NodeId node = source.pipeline.find(name);
    if (!node.valid() || !std::holds_alternative<ir::Evaluate>(source.pipeline[node].body)) continue;
    auto at = std::find_if(out.evaluations.begin(), out.evaluations.end(), [&](const report::Evaluation& each) { return each.name == name; });
    if (at == out.evaluations.end()) {
      out.evaluations.push_back({.name = name, .model = textOf(event, "model"), .part = textOf(event, "part"), .in_sample = event.value("in_sample", false)});
      at = out.evaluations.end() - 1;
    }
    const std::string metric = metricBehind(std::get<ir::Evaluate>(source.pipeline[node].body), textOf(event, "name"));
    if (event.contains("slice")) {
      addSlice(source, event, metric, *at);
      continue;
    }
    // A metric that is asked for whole and by groups is said once.
    const report::Metric added{.name = textOf(event, "name"), .value = numberIn(event, "value"), .champion = {}, .reason = event.contains("table") ? "a table: `cd4mlc show`" : textOf(event, "reason"),
                               .rows = event.value("rows", std::uint64_t{0}), .better = betterOf(metric)};
    const bool known = std::any_of(at->metrics.begin(), at->metrics.end(), [&](const report::Metric& each) { return each.name == added.name && each.value == added.value; });
    if (!known) at->metrics.push_back(added);
  }
  for (report::Evaluation& evaluation : out.evaluations) {
    for (report::Slices& slices : evaluation.slices) {
      for (const report::Metric& metric : evaluation.metrics) {
        if (metric.name == slices.metric) slices.whole = metric.value;
      }
    }
  }
}

/// The version that the run's model is.
std::optional<track::ModelVersion> versionOf(const std::vector<track::ModelVersion>& models, const RecordedRun& run, const std::string& model) {
  std::optional<track::ModelVersion> out;
  const Json* stage = stageOf(run, model);
  for (const track::ModelVersion& version : models) {
    if (version.model != model) continue;
    const bool same = stage != nullptr && version.content == textOf(*stage, "content");
    if (same) return version;
    if (version.run == run.summary.id || !out || out->run != run.summary.id) out = version;
  }
  return out;
}

/// What is known of the evaluate's inputs; nothing where something would have to run for it, or is not what the run saw.
std::optional<engine::Known> knownOf(const ReportSource& source, const RecordedRun& run, ir::NodeId evaluate) {
  exec::RunnerConfig config = source.workshop.config;
  config.engine = []() -> Result<engine::Engine*> { return makeError("CD4104", "nothing runs for a report"); };
  exec::RunOutcome outcome = exec::runPipeline(source.pipeline, {evaluate}, config, {});
  const Json* recorded = stageOf(run, source.pipeline[evaluate].name);
  if (outcome.failed || outcome.cancelled || recorded == nullptr) return std::nullopt;
  for (const exec::StageResult& stage : outcome.stages) {
    if (stage.node != evaluate) continue;
    if (stage.status == exec::StageStatus::Cached && stage.content().text() == textOf(*recorded, "content")) return std::move(outcome.known);
  }
  return std::nullopt;
}

std::optional<Json> asked(const Result<std::string>& answer) { return answer.ok() ? std::optional(track::parseJson(*answer)) : std::nullopt; }

void addCalibration(engine::Engine& engine, const engine::Known& known, ir::NodeId evaluate, report::Evaluation& to) {
  engine::TaskContext context;
  const std::optional<Json> answer = asked(engine.show(known, {.node = evaluate, .slot = "calibration", .output = {}}, context));
  if (!answer) return;
  report::Calibration curve;
  for (const Json& bin : answer->value("bins", Json::array())) {
    curve.bins.push_back({.low = bin.value("low", 0.0), .high = bin.value("high", 0.0), .rows = bin.value("rows", 0.0), .predicted = bin.value("predicted", 0.0), .observed = bin.value("observed", 0.0)});
  }
  if (!curve.bins.empty()) to.calibration = std::move(curve);
}

std::optional<double> metricIn(const Json& metrics, const std::string& name) {
  for (const Json& metric : metrics.value("metrics", Json::array())) {
    if (textOf(metric, "name") == name) return numberIn(metric, "value");
  }
  return std::nullopt;
}

void compare(const Json& champion, const Json* candidate, report::Evaluation& to) {
  for (const report::Metric& metric : to.metrics) {
    report::Metric both = metric;
    both.champion = metricIn(champion, metric.name);
    if (candidate != nullptr) both.value = metricIn(*candidate, metric.name);
    if (both.champion) to.compared.push_back(std::move(both));
  }
}

/// On the same rows where the engine can say, else as it was measured when it was made.
void addChampion(const ReportSource& source, engine::Engine* engine, const std::optional<engine::Known>& known, ir::NodeId evaluate, const track::Champion& champion,
                 const std::vector<track::ModelVersion>& models, report::Evaluation& to) {
  to.champion = champion.label();
  if (engine != nullptr && known) {
    engine::TaskContext context;
    const std::optional<Json> answer = asked(engine->evaluateBundle(*known, evaluate, source.opened.project.state + "/" + champion.bundle, context));
    const std::uint64_t left_out = answer ? answer->value("left_out", std::uint64_t{0}) : 0;
    if (answer && answer->contains("metrics")) {
      const Json candidate = answer->value("candidate", Json::object());
      compare(*answer, left_out > 0 && !candidate.empty() ? &candidate : nullptr, to);
      to.rows_note = left_out > 0 ? "both on the test rows that the champion was not fitted on" : "both on the same rows";
    }
  }
  if (!to.compared.empty()) return;
  for (const track::ModelVersion& version : models) {
    if (version.id != champion.id) continue;
    const Json evidence = track::parseJson(version.evidence);
    for (const Json& entry : evidence.value("evaluates", Json::array())) {
      if (textOf(entry, "name") == to.name) compare(entry.value("metrics", Json::object()), nullptr, to);
    }
  }
  to.rows_note = "the champion as it was measured when it was made, on the rows of that time";
}

/// The champion that a deploy of the model had before this version, or has.
Result<std::optional<track::Champion>> otherChampion(const ReportSource& source, const std::string& model, const std::string& id) {
  for (const ir::Node& node : source.pipeline.nodes) {
    const auto* deploy = std::get_if<ir::Deploy>(&node.body);
    if (deploy == nullptr || source.pipeline[deploy->model].name != model) continue;
    CD4ML_TRY(const std::vector<track::Champion> champions, track::championsOf(source.ledger, source.opened.scope, node.name));
    for (auto champion = champions.rbegin(); champion != champions.rend(); ++champion) {
      if (champion->id != id) return std::optional(*champion);
    }
  }
  return std::optional<track::Champion>();
}

Status addEvidence(const ReportSource& source, const RecordedRun& run, const std::vector<track::ModelVersion>& models, report::Report& out) {
  for (report::Evaluation& evaluation : out.evaluations) {
    const ir::NodeId node = source.pipeline.find(evaluation.name);
    const std::string model = evaluation.model;
    const std::optional<track::ModelVersion> version = versionOf(models, run, model);
    if (version) evaluation.model = version->label();
    const std::optional<engine::Known> known = knownOf(source, run, node);
    engine::Engine* engine = nullptr;
    if (known) {
      const Result<engine::Engine*> opened = source.workshop.engine->get();
      if (opened.ok()) engine = *opened;
    }
    if (engine != nullptr && known) addCalibration(*engine, *known, node, evaluation);
    CD4ML_TRY(const std::optional<track::Champion> champion, otherChampion(source, model, version ? version->id : ""));
    if (champion) addChampion(source, engine, known, node, *champion, models, evaluation);
  }
  return Done{};
}

void addProvenance(const ReportSource& source, const RecordedRun& run, const std::vector<track::ModelVersion>& models, report::Report& out) {
  const auto add = [&](std::string name, std::string value) { out.provenance.push_back({.name = std::move(name), .value = std::move(value)}); };
  add("Run", run.summary.id);
  add("Began", track::timeText(run.summary.started_us));
  add("Program", std::filesystem::path(run.summary.file).filename().string());
  add("Profile", run.summary.scope.profile);
  std::string params;
  std::string reproduce = fmt::format("cd4mlc {}{}", run.summary.command, source.words);
  const Json given = track::parseJson(run.summary.params);
  for (const auto& [name, value] : given.items()) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    params += fmt::format("{}{} = {}", params.empty() ? "" : ", ", name, text);
    reproduce += fmt::format(" --param {}", shellWord(name + "=" + text));
  }
  add("Params given", params.empty() ? "none: all have their defaults" : params);
  std::set<std::string> told;
  for (const report::Evaluation& evaluation : out.evaluations) {
    for (const track::ModelVersion& version : models) {
      if (version.label() != evaluation.model || !told.insert(version.label()).second) continue;
      add("Model", fmt::format("{} {}", version.label(), version.id));
      const Json provenance = track::parseJson(version.evidence).value("provenance", Json::object());
      for (const Json& each : provenance.value("sources", Json::array())) {
        std::string files;
        for (const Json& file : each.value("files", Json::array())) files += fmt::format("{}{} ({} bytes)", files.empty() ? "" : ", ", textOf(file, "content"), file.value("bytes", std::uint64_t{0}));
        add("Data of " + textOf(each, "name"), files);
      }
      std::string values;
      const Json all = provenance.value("params", Json::object());
      for (const auto& [name, value] : all.items()) values += fmt::format("{}{} = {}", values.empty() ? "" : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
      if (!values.empty()) add("Params", values);
    }
  }
  std::string version = versionLine();
  while (!version.empty() && version.back() == '\n') version.pop_back();
  add("Version", version);
  out.reproduce = reproduce;
}

}  // namespace

Status addRun(const ReportSource& source, const RecordedRun& run, report::Report& out) {
  CD4ML_TRY(const std::vector<track::ModelVersion> models, track::listModels(source.ledger, source.opened.scope));
  addStages(source, run, out);
  addEvaluations(source, run, out);
  CD4ML_TRY_VOID(addEvidence(source, run, models, out));
  addGates(source, run, out);
  addProvenance(source, run, models, out);
  return Done{};
}

}  // namespace cd4ml::driver
