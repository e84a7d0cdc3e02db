// Runs, newest first.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/driver/text_table.h"
#include "runtime/track/json.h"
#include "runtime/track/runs.h"

namespace cd4ml::driver {

namespace {

using track::Json;

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

std::string table(const std::vector<track::RunSummary>& runs, const Console& console) {
  TextTable table({Align::Left, Align::Left, Align::Left, Align::Left, Align::Right, Align::Left, Align::Left});
  for (const track::RunSummary& run : runs) {
    const Json event = track::parseJson(run.event);
    const std::string params = run.params == "{}" ? "" : run.params;
    table.add({run.id, track::timeText(run.started_us), run.command, console.out(styleOf(run.status), run.status),
               event.contains("seconds") ? secondsText(event["seconds"].get<double>()) : "",
               countsText(event.value("counts", Json::object())), console.out(Style::Dim, params)});
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
    if (!console.json()) {
      console.result(runs.empty() ? "no runs yet: cd4mlc run\n" : table(runs, console));
      return Ok;
    }
    Json list = Json::array();
    for (const track::RunSummary& run : runs) list.push_back(runJson(run));
    console.result(Json{{"v", 1}, {"pipeline", opened.scope.pipeline}, {"runs", list}}.dump() + "\n");
    return Ok;
  });
}

}  // namespace cd4ml::driver
