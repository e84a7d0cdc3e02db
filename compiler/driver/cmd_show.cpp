// Look at any node: rows, statistics, a model, parts, metrics, a verdict; or write it to a file.
#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/run_report.h"
#include "compiler/driver/scoring_view.h"
#include "compiler/driver/show_view.h"
#include "compiler/driver/workshop.h"
#include "compiler/opt/normalise.h"

namespace cd4ml::driver {

namespace {

using track::Json;

/// `trip.test` is node and slot, `naive.season` and `shared.trip` are nodes, `shared.trip.test` is again node and slot: the
/// longest name of a node counts. Backquotes of odd column names are dropped.
std::pair<std::string, std::string> splitName(const ir::Pipeline& pipeline, const std::string& name) {
  if (pipeline.find(name).valid()) return {name, ""};
  std::size_t dot = name.rfind('.');
  while (dot != std::string::npos && dot > 0 && !pipeline.find(name.substr(0, dot)).valid()) {
    const std::size_t before = name.rfind('.', dot - 1);
    if (before == std::string::npos) break;
    dot = before;
  }
  if (dot == std::string::npos) return {name, ""};
  std::string slot = name.substr(dot + 1);
  std::erase(slot, '`');
  return {name.substr(0, dot), slot};
}

/// What the command line asks for must fit the node, before anything runs for it.
Status fits(const ir::Node& node, const std::string& slot, const Arguments& arguments) {
  const bool rows = std::holds_alternative<ir::Source>(node.body) || std::holds_alternative<ir::Table>(node.body) ||
                    std::holds_alternative<ir::Features>(node.body) ||
                    (std::holds_alternative<ir::Evaluate>(node.body) && slot == "predictions");
  if (!arguments.output.empty() && !rows) {
    Error error = makeError("CD4103", fmt::format("`{}` is a {}: `-o` writes rows only", node.name, ir::kindText(node)));
    if (std::holds_alternative<ir::Evaluate>(node.body)) error.help.push_back(fmt::format("its rows are `{}.predictions`", node.name));
    return error;
  }
  const bool part = slot.empty() || slot == "train" || slot == "validate" || slot == "test";
  if (std::holds_alternative<ir::Features>(node.body) && !part) {
    Error error = makeError("CD4103", fmt::format("`{}` has no part `{}`", node.name, slot));
    error.help.push_back(fmt::format("its parts are `{0}.train`, `{0}.validate`, `{0}.test`", node.name));
    return error;
  }
  const bool evaluated = std::holds_alternative<ir::Evaluate>(node.body) && (slot == "metrics" || slot == "predictions");
  const bool model = std::holds_alternative<ir::Model>(node.body) && slot == "model";
  if (!slot.empty() && !rows && !evaluated && !model) {
    Error error = makeError("CD4103", fmt::format("`{}` is a {}: there is no `{}.{}`", node.name, ir::kindText(node), node.name, slot));
    if (std::holds_alternative<ir::Evaluate>(node.body)) error.help.push_back(fmt::format("there is `{0}.metrics` and `{0}.predictions`", node.name));
    return error;
  }
  return Done{};
}

Json answerJson(const ir::Node& node, const std::string& slot, Json value) {
  Json answer{{"v", 1}, {"name", node.name}, {"kind", ir::kindText(node)}};
  if (!slot.empty()) answer["slot"] = slot;
  for (auto& [member, content] : value.items()) answer[member] = content;
  return answer;
}

/// Verdicts of a gate, or of the gate of a deploy.
Result<int> showVerdicts(const ir::Pipeline& pipeline, ir::NodeId node, const Fresh& fresh, const Console& console) {
  RunReport report;
  Json gates = Json::array();
  for (const exec::StageResult& stage : fresh.outcome.stages) {
    for (std::string& event : exec::gateEvents(pipeline, stage)) {
      gates.push_back(track::parseJson(event));
      report.gates.push_back(std::move(event));
    }
  }
  if (console.json()) {
    console.result(answerJson(pipeline[node], "", {{"gates", gates}}).dump() + "\n");
  } else {
    console.result(renderGates(report, console));
  }
  return Ok;
}

Result<int> showMetrics(const ir::Pipeline& pipeline, ir::NodeId node, const Fresh& fresh, const Console& console) {
  RunReport report;
  Json value = Json::object();
  for (const exec::StageResult& stage : fresh.outcome.stages) {
    if (stage.node != node) continue;
    value = track::parseJson(stage.slots[0].content.value);
    report.metrics = exec::metricEvents(pipeline, stage);
  }
  console.result(console.json() ? answerJson(pipeline[node], "metrics", value).dump() + "\n" : renderMetrics(report, console));
  return Ok;
}

Result<int> showRest(const ir::Pipeline& pipeline, ir::NodeId node, const std::string& slot, const Fresh& fresh,
                     const source::SourceMap& sources, const Arguments& arguments, const Console& console, Workshop& workshop) {
  engine::ShowRequest request{.node = node, .slot = slot, .rows = arguments.rows, .stats = arguments.stats, .output = arguments.output, .values = arguments.values};
  engine::TaskContext context;
  context.threads = workshop.config.jobs;
  context.cancelled = &interruptFlag();
  CD4ML_TRY(engine::Engine * engine, workshop.engine->get());
  CD4ML_TRY(const std::string text, engine->show(fresh.outcome.known, request, context));
  Json answer = track::parseJson(text);
  if (std::holds_alternative<ir::Model>(pipeline[node].body)) answer.update(scoringJson(pipeline, node, sources));
  if (!arguments.output.empty()) {
    const auto rows = answer.value("rows_total", std::uint64_t{0});
    if (console.json()) {
      console.result(Json{{"v", 1}, {"name", pipeline[node].name}, {"output", arguments.output}, {"rows", rows}}.dump() + "\n");
    } else {
      console.note(fmt::format("{} rows → {}\n", groupedNumber(rows), arguments.output));
    }
    return Ok;
  }
  if (console.json()) {
    console.result(answerJson(pipeline[node], slot, answer).dump() + "\n");
  } else if (std::holds_alternative<ir::Model>(pipeline[node].body)) {
    console.result(renderModel(pipeline[node].name, answer, console) + renderScoring(answer, console));
  } else if (std::holds_alternative<ir::Split>(pipeline[node].body)) {
    console.result(renderParts(answer, console));
  } else {
    console.result(renderRows(answer, arguments.stats ? ShowAs::Statistics : ShowAs::Rows, console));
  }
  return Ok;
}

}  // namespace

int cmdShow(const Arguments& arguments, const Console& console) {
  listenForInterrupt();
  return withProject(arguments, console, [&](Opened& opened) -> Result<int> {
    if (arguments.names.size() != 1) return makeError("CD4101", "which node? `cd4mlc show NODE`");
    const auto [name, slot] = splitName(opened.compilation.pipeline, arguments.names[0]);
    CD4ML_TRY(const ir::NodeId node, findNode(opened.compilation.pipeline, name));
    CD4ML_TRY_VOID(fits(opened.compilation.pipeline[node], slot, arguments));
    CD4ML_TRY(Workshop workshop, openWorkshop(opened.project, arguments));
    CD4ML_TRY_VOID(pinSchemas(opened.project, arguments, workshop, {}, opened.compilation));
    const ir::Pipeline pipeline = opt::normalise(opened.compilation.pipeline);
    const ir::NodeBody& body = pipeline[node].body;
    if (std::holds_alternative<ir::Notify>(body) || std::holds_alternative<ir::Monitor>(body)) {
      return makeError("CD4103", fmt::format("`{}` is a {}; it has nothing to show", name, ir::kindText(pipeline[node])));
    }
    CD4ML_TRY(const Fresh fresh, bringUpToDate(opened, pipeline, {node}, "show", workshop));
    if (std::holds_alternative<ir::Gate>(body) || std::holds_alternative<ir::Deploy>(body)) {
      return showVerdicts(pipeline, node, fresh, console);
    }
    const bool metrics = std::holds_alternative<ir::Evaluate>(body) && (slot.empty() || slot == "metrics") && arguments.output.empty();
    if (metrics) return showMetrics(pipeline, node, fresh, console);
    return showRest(pipeline, node, slot, fresh, opened.compilation.sources, arguments, console, workshop);
  });
}

}  // namespace cd4ml::driver
