// Versions, champions and their evidence.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"
#include "runtime/track/models.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

std::vector<std::string> championsOfVersion(const std::vector<track::Champion>& champions, const track::ModelVersion& model) {
  std::vector<std::string> deploys;
  for (const track::Champion& champion : champions) {
    if (champion.model == model.model && champion.id == model.id) deploys.push_back(champion.deploy);
  }
  return deploys;
}

Json modelJson(const track::ModelVersion& model, const std::vector<std::string>& champion_of) {
  return {{"name", model.label()},        {"model", model.model}, {"version", model.version},
          {"id", model.id},               {"run", model.run},     {"at", track::timeText(model.at_us)},
          {"bundle", model.bundle},       {"champion_of", champion_of},
          {"evidence", track::parseJson(model.evidence)}};
}

Json championJson(const track::Champion& champion) {
  Json json{{"deploy", champion.deploy}, {"model", champion.label()}, {"id", champion.id}, {"how", champion.how},
            {"at", track::timeText(champion.at_us)}};
  if (!champion.reason.empty()) json["reason"] = champion.reason;
  return json;
}

/// "auc 0.6782  log_loss 0.4711": whole metrics of the first evaluate.
std::string metricsLine(const Json& evidence) {
  std::string line;
  const Json evaluates = evidence.value("evaluates", Json::array());
  if (evaluates.empty()) return line;
  int shown = 0;
  for (const Json& metric : evaluates[0].value("metrics", Json::object()).value("metrics", Json::array())) {
    const Json value = metric.value("value", Json());
    if (!value.is_number() || shown == 3) continue;
    line += fmt::format("{}{} {}", line.empty() ? "" : "  ", textOf(metric, "name"), shortNumber(value.get<double>()));
    ++shown;
  }
  return line;
}

std::string verdictLine(const Json& evidence, const Console& console) {
  std::string line;
  for (const Json& gate : evidence.value("gates", Json::array())) {
    const std::string verdict = textOf(gate, "verdict");
    const Style style = verdict == "pass" ? Style::Good : Style::Warning;
    line += fmt::format("{}{} {}", line.empty() ? "" : "  ", textOf(gate, "name"), console.out(style, verdict));
  }
  return line;
}

std::string table(const std::vector<track::ModelVersion>& models, const std::vector<track::Champion>& champions,
                  const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Left, Align::Left});
  for (const track::ModelVersion& model : models) {
    const Json evidence = track::parseJson(model.evidence);
    std::string crown;
    for (const std::string& deploy : championsOfVersion(champions, model)) crown += (crown.empty() ? "" : ", ") + deploy;
    table.add({console.out(Style::Strong, model.label()), console.out(Style::Dim, model.id.substr(3, 12)),
               track::timeText(model.at_us), metricsLine(evidence), verdictLine(evidence, console),
               crown.empty() ? "" : console.out(Style::Accent, "champion of " + crown)});
  }
  return table.text();
}

}  // namespace

int cmdModels(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    CD4ML_TRY(const std::vector<track::ModelVersion> models, track::listModels(ledger, opened.scope));
    CD4ML_TRY(const std::vector<track::Champion> champions, track::listChampions(ledger, opened.scope));
    if (!console.json()) {
      console.result(models.empty() ? "no models yet: cd4mlc run makes one\n" : table(models, champions, console));
      return Ok;
    }
    Json list = Json::array();
    for (const track::ModelVersion& model : models) list.push_back(modelJson(model, championsOfVersion(champions, model)));
    Json crowns = Json::array();
    for (const track::Champion& champion : champions) crowns.push_back(championJson(champion));
    const Json all{{"v", 1}, {"pipeline", opened.scope.pipeline}, {"profile", opened.scope.profile}, {"models", list},
                   {"champions", crowns}};
    console.result(all.dump() + "\n");
    return Ok;
  });
}

}  // namespace cd4ml::driver
