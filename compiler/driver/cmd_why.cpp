// Why a node ran, or why it was reused, in a run.
#include <fmt/format.h>

#include "compiler/driver/opened.h"
#include "compiler/plan/key.h"
#include "runtime/track/json.h"
#include "runtime/track/runs.h"

namespace cd4ml::driver {

namespace {

using track::Json;
using track::textOf;

struct Found {
  track::RunSummary run;
  Json stage;
};

/// The stage of a node in the newest run before (and with) `from`, if any run had it.
Result<std::optional<Found>> findStage(track::Ledger& ledger, const std::vector<track::RunSummary>& runs, std::size_t from,
                                       const std::string& node) {
  for (std::size_t i = from; i < runs.size(); ++i) {
    if (runs[i].event.empty()) continue;
    CD4ML_TRY(const std::vector<std::string> stages, track::eventsOf(ledger, "stage", runs[i].id));
    for (const std::string& text : stages) {
      Json stage = track::parseJson(text);
      if (textOf(stage, "name") == node) return std::optional(Found{runs[i], std::move(stage)});
    }
  }
  return std::optional<Found>();
}

std::string preimageOf(const Json& stage, const std::string& slot) {
  for (const Json& other : stage.value("slots", Json::array())) {
    if (textOf(other, "name") == slot) return textOf(other, "preimage");
  }
  return {};
}

/// One slot with what changed since the run before.
Json explainSlot(const Json& slot, const std::optional<Found>& before) {
  Json changes = Json::array();
  const std::string old = before ? preimageOf(before->stage, textOf(slot, "name")) : "";
  if (!old.empty()) {
    for (const std::string& change : plan::describeDifference(plan::readParts(old), plan::readParts(textOf(slot, "preimage")))) {
      changes.push_back(change);
    }
  }
  return {{"name", textOf(slot, "name")}, {"ran", slot.value("ran", false)}, {"key", textOf(slot, "key")},
          {"content", textOf(slot, "content")}, {"new", old.empty()}, {"changes", changes}};
}

std::string slotLine(const Json& slot, const Console& console) {
  std::string text = fmt::format("  {}", console.out(Style::Strong, textOf(slot, "name")));
  if (!slot["ran"].get<bool>()) return text + ": reused\n";
  if (slot["changes"].empty()) return text + (slot["new"].get<bool>() ? ": new\n" : ": its result was gone from the cache\n");
  text += ":\n";
  for (const Json& change : slot["changes"]) text += fmt::format("    {}\n", change.get<std::string>());
  return text;
}

std::string render(const Json& answer, const Console& console) {
  const std::string status = textOf(answer, "status");
  std::string text = fmt::format("{} {} in {}", console.out(Style::Strong, textOf(answer, "node")),
                                 status == "cached" ? "was reused" : status, textOf(answer, "run"));
  if (status == "cached") {
    return text + ": definition and inputs have the keys of a result that is there already\n";
  }
  const std::string reason = textOf(answer, "reason");
  text += reason.empty() ? "\n" : fmt::format(": {}\n", reason);
  std::size_t reused = 0;
  for (const Json& slot : answer["slots"]) {
    if (slot["ran"].get<bool>()) {
      text += slotLine(slot, console);
    } else {
      ++reused;
    }
  }
  if (reused > 0) text += fmt::format("  {} more reused\n", reused);
  return text;
}

Result<std::size_t> indexOfRun(const std::vector<track::RunSummary>& runs, const std::string& id) {
  if (id.empty()) return std::size_t{0};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].id == id) return i;
  }
  return makeError("CD4103", fmt::format("there is no run `{}`", id));
}

Result<Json> explain(const Arguments& arguments, const Opened& opened, track::Ledger& ledger) {
  const std::string& name = arguments.names[0];
  CD4ML_TRY(std::vector<track::RunSummary> runs, track::listRuns(ledger));
  std::erase_if(runs, [&](const track::RunSummary& run) {
    return run.scope.pipeline != opened.scope.pipeline || run.scope.profile != opened.scope.profile;
  });
  CD4ML_TRY(const std::size_t from, indexOfRun(runs, arguments.run));
  CD4ML_TRY(const std::optional<Found> found, findStage(ledger, runs, from, name));
  if (!found) return makeError("CD4103", fmt::format("no run had `{}` yet", name));
  std::size_t before_index = from;
  while (before_index < runs.size() && runs[before_index].id != found->run.id) ++before_index;
  CD4ML_TRY(const std::optional<Found> before, findStage(ledger, runs, before_index + 1, name));
  Json slots = Json::array();
  for (const Json& slot : found->stage.value("slots", Json::array())) slots.push_back(explainSlot(slot, before));
  return Json{{"v", 1}, {"run", found->run.id}, {"node", name}, {"kind", textOf(found->stage, "kind")},
              {"status", textOf(found->stage, "status")}, {"reason", textOf(found->stage, "reason")},
              {"seconds", found->stage.value("seconds", 0.0)}, {"slots", slots}};
}

}  // namespace

int cmdWhy(const Arguments& arguments, const Console& console) {
  return withLedger(arguments, console, [&](Opened& opened, track::Ledger& ledger) -> Result<int> {
    if (arguments.names.size() != 1) return makeError("CD4101", "which node? `cd4mlc why NODE`");
    CD4ML_TRY_VOID(findNode(opened.compilation.pipeline, arguments.names[0]));
    CD4ML_TRY(const Json answer, explain(arguments, opened, ledger));
    console.result(console.json() ? answer.dump() + "\n" : render(answer, console));
    return Ok;
  });
}

}  // namespace cd4ml::driver
