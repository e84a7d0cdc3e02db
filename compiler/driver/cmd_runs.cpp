// Runs, newest first.
#include <map>

#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"
#include "runtime/track/trials.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using TrialsByRun = std::map<std::string, std::vector<track::Trial>>;

Json runJson(const track::RunSummary& run) {
  const Json event = track::parseJson(run.event);
  Json json{{"id", run.id}, {"command", run.command}, {"at", track::timeText(run.started_us)}, {"status", run.status},
            {"params", track::parseJson(run.params)}};
  for (const char* name : {"seconds", "counts", "exit"}) {
    if (event.contains(name)) json[name] = event[name];
  }
  return json;
}

Style styleOf(std::string_view status) {
  if (status == "ok") return Style::Good;
  return status == "failed" ? Style::Bad : Style::Warning;
}

std::string countsText(const Json& counts) {
  std::string text;
  for (const auto& [name, count] : counts.items()) {
    if (count.is_number() && count.get<int>() > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count.get<int>(), name);
  }
  return text;
}

Json trialsJson(const std::vector<track::Trial>& trials) {
  Json list = Json::array();
  for (const track::Trial& trial : trials) {
    list.push_back({{"model", trial.model}, {"trial", trial.number}, {"params", track::parseJson(trial.options)}, {"metric", trial.metric},
                    {"value", trial.value ? Json(*trial.value) : Json()}, {"seconds", trial.seconds}, {"cached", trial.cached}});
  }
  return list;
}

/// "depth: 6, learning_rate: 0.1".
std::string optionsText(const std::string& options) {
  std::string text;
  const Json json = track::parseJson(options);
  for (const auto& [name, value] : json.items()) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

/// The trials of a run, below it.
void addTrials(TextTable& table, const std::vector<track::Trial>& trials, const Console& console) {
  for (const track::Trial& trial : trials) {
    table.add({fmt::format("  {} trial {}", trial.model, trial.number), "", trial.metric,
               trial.value ? console.out(Style::Strong, fmt::format("{:.6g}", *trial.value)) : std::string("no value"), secondsText(trial.seconds),
               trial.cached ? "cached" : "ran", console.out(Style::Dim, optionsText(trial.options))});
  }
}

std::string table(const std::vector<track::RunSummary>& runs, const TrialsByRun& trials, const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left});
  for (const track::RunSummary& run : runs) {
    const Json event = track::parseJson(run.event);
    const std::string params = run.params == "{}" ? "" : run.params;
    table.add({run.id, track::timeText(run.started_us), run.command, console.out(styleOf(run.status), run.status),
               event.contains("seconds") ? secondsText(event["seconds"].get<double>()) : "",
               countsText(event.value("counts", Json::object())), console.out(Style::Dim, params)});
    addTrials(table, trials.at(run.id), console);
  }
  return table.text();
}

}  // namespace

int cmdRuns(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    CD4ML_TRY(std::vector<track::RunSummary> runs, track::listRuns(ledger));
    std::erase_if(runs, [&](const track::RunSummary& run) {
      return run.scope.pipeline != opened.scope.pipeline || run.scope.profile != opened.scope.profile;
    });
    TrialsByRun trials;
    for (const track::RunSummary& run : runs) {
      CD4ML_TRY(trials[run.id], track::trialsOf(ledger, run.id));
    }
    if (!console.json()) {
      console.result(runs.empty() ? "no runs yet: cd4mlc run\n" : table(runs, trials, console));
      return Ok;
    }
    Json list = Json::array();
    for (const track::RunSummary& run : runs) {
      list.push_back(runJson(run));
      if (!trials.at(run.id).empty()) list.back()["trials"] = trialsJson(trials.at(run.id));
    }
    console.result(Json{{"v", 1}, {"pipeline", opened.scope.pipeline}, {"runs", list}}.dump() + "\n");
    return Ok;
  });
}

}  // namespace cd4ml::driver
