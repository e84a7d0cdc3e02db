#include "runtime/track/runs.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>

#include <fmt/format.h>

#include "runtime/track/json.h"

namespace cd4ml::track {

namespace {

RunSummary summaryOf(const Entry& begin, const std::map<std::string, std::string>& ends) {
  const Json body = parseJson(begin.body);
  RunSummary run{.id = begin.subject,
                 .scope = {.pipeline = textOf(body, "pipeline"), .profile = textOf(body, "profile")},
                 .command = textOf(body, "command"),
                 .file = textOf(body, "file"),
                 .params = body.contains("params") ? body["params"].dump() : "{}",
                 .started_us = begin.at_us,
                 .status = "interrupted",
                 .event = {}};
  if (const auto end = ends.find(run.id); end != ends.end()) {
    run.event = end->second;
    run.status = textOf(parseJson(run.event), "status");
  }
  return run;
}

}  // namespace

std::string newRunId() {
  const std::int64_t now = nowMicroseconds();
  std::string stamp;
  for (const char c : timeText(now)) {
    if (c >= '0' && c <= '9') stamp += c;
  }
  std::random_device device;
  return fmt::format("r-{}-{}-{:04x}", stamp.substr(0, 8), stamp.substr(8), device() & 0xffffU);
}

Status beginRun(Ledger& ledger, const RunBegin& begin) {
  const Json params = parseJson(begin.params);
  const Json body{{"pipeline", begin.scope.pipeline},
                  {"profile", begin.scope.profile},
                  {"command", begin.command},
                  {"file", begin.file},
                  {"params", params.is_object() ? params : Json::object()}};
  return ledger.transact([&](Ledger::Transaction& t) { return t.append("run-begin", begin.id, body.dump()); });
}

Status endRun(Ledger& ledger, const RunEnd& end) {
  return ledger.transact([&](Ledger::Transaction& t) -> Status {
    for (const std::string& stage : end.stages) CD4ML_TRY_VOID(t.append("stage", end.id, stage));
    for (const std::string& metric : end.metrics) CD4ML_TRY_VOID(t.append("metric", end.id, metric));
    for (const std::string& gate : end.gates) CD4ML_TRY_VOID(t.append("gate", end.id, gate));
    return t.append("run", end.id, end.event);
  });
}

Result<std::vector<RunSummary>> listRuns(Ledger& ledger) {
  CD4ML_TRY(const std::vector<Entry> begins, ledger.read("run-begin"));
  CD4ML_TRY(const std::vector<Entry> ended, ledger.read("run"));
  std::map<std::string, std::string> ends;
  for (const Entry& end : ended) ends[end.subject] = end.body;
  std::vector<RunSummary> runs;
  for (const Entry& begin : begins) runs.push_back(summaryOf(begin, ends));
  std::reverse(runs.begin(), runs.end());
  return runs;
}

Result<std::optional<RunSummary>> lastRun(Ledger& ledger, const Scope& scope) {
  CD4ML_TRY(const std::vector<RunSummary> runs, listRuns(ledger));
  for (const RunSummary& run : runs) {
    const bool same = run.scope.pipeline == scope.pipeline && run.scope.profile == scope.profile;
    if (same && !run.event.empty()) return std::optional(run);
  }
  return std::optional<RunSummary>();
}

Result<std::vector<std::string>> eventsOf(Ledger& ledger, std::string_view kind, const std::string& run) {
  CD4ML_TRY(std::vector<Entry> entries, ledger.read(kind, run));
  std::vector<std::string> bodies;
  for (Entry& entry : entries) bodies.push_back(std::move(entry.body));
  return bodies;
}

Result<std::optional<std::string>> otherEntryFile(Ledger& ledger, const std::string& pipeline, const std::string& file) {
  CD4ML_TRY(const std::vector<RunSummary> runs, listRuns(ledger));
  for (const RunSummary& run : runs) {
    if (run.scope.pipeline != pipeline || run.file == file) continue;
    if (std::filesystem::exists(run.file)) return std::optional(run.file);
  }
  return std::optional<std::string>();
}

}  // namespace cd4ml::track
