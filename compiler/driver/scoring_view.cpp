#include "compiler/driver/scoring_view.h"

#include <fmt/format.h>

#include "compiler/driver/text_table.h"
#include "compiler/opt/history.h"

namespace cd4ml::driver {

using track::Json;

Json scoringJson(const ir::Pipeline& pipeline, ir::NodeId model, const source::SourceMap& sources) {
  if (!std::get<ir::Model>(pipeline[model].body).features.valid()) return Json::object();
  const ir::ScoringProgram program = ir::deriveScoring(pipeline, model);
  Json out{{"input", Json::array()}, {"history", Json::array()}};
  for (std::size_t i = 0; i < program.rawInputs(); ++i) {
    out["input"].push_back({{"name", program.inputs[i].name}, {"type", ir::typeText(program.inputs[i].type)}});
  }
  for (const opt::HistoryNeed& need : opt::historyNeeds(pipeline, model)) {
    out["history"].push_back({{"reads", need.reads}, {"rows", pipeline[need.rows].name}, {"file", std::string(sources.path(need.span.file))},
                              {"line", sources.position(need.span.file, need.span.begin).line}});
  }
  return out;
}

std::string renderScoring(const Json& scoring, const Console& console) {
  TextTable table({Align::Left, Align::Left});
  for (const Json& input : scoring.value("input", Json::array())) table.add({input.value("name", ""), console.out(Style::Dim, input.value("type", ""))});
  for (const Json& need : scoring.value("history", Json::array())) {
    table.add({need.value("reads", ""), console.out(Style::Dim, fmt::format("history, {}:{}", need.value("file", ""), need.value("line", 0)))});
  }
  const std::string text = table.text("  ");
  return text.empty() ? text : "\n" + console.out(Style::Dim, "what a row needs to be scored") + "\n" + text;
}

}  // namespace cd4ml::driver
