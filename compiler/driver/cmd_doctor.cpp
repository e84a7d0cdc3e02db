// `doctor`: what this installation consists of, and whether it can work in this folder. Writes nothing that stays.
#include <filesystem>
#include <thread>

#include <unistd.h>

#include <fmt/format.h>

#include "compiler/driver/commands.h"
#include "compiler/driver/project.h"
#include "compiler/driver/text_table.h"
#include "compiler/driver/version.h"
#include "runtime/exec/engine_library.h"
#include "runtime/track/json.h"
#include "runtime/track/ledger.h"

namespace cd4ml::driver {

namespace {

namespace fs = std::filesystem;

enum class Health : std::uint8_t { Good, Bad, Open };

struct Finding {
  std::string name;
  Health health = Health::Good;
  std::string text;
};

std::string_view nameOf(Health health) {
  switch (health) {
    case Health::Good: return "ok";
    case Health::Bad: return "problem";
    case Health::Open: return "open";
  }
  CD4ML_UNREACHABLE("a health without a name");
}

Finding lookAtEngine() {
  exec::EngineLibrary library({});
  const std::string path = fs::path(exec::engineLibraryPath()).lexically_normal().string();
  const auto engine = library.get();
  if (engine.ok()) return {.name = "engine", .text = path};
  return {.name = "engine", .health = Health::Bad, .text = engine.error().message};
}

/// The state folder, or the nearest folder above it that is there: can one write into it?
Finding lookAtState(const Project& project) {
  std::error_code ignored;
  fs::path there = fs::absolute(project.state).lexically_normal();
  while (!there.empty() && !fs::exists(there, ignored) && there.has_parent_path() && there != there.parent_path()) there = there.parent_path();
  const bool writable = fs::is_directory(there, ignored) && ::access(there.c_str(), W_OK | X_OK) == 0;
  if (!writable) {
    return {.name = "state", .health = Health::Bad,
            .text = fmt::format("`{}` cannot be written to; --state DIR or CD4ML_STATE names another folder", there.string())};
  }
  return {.name = "state", .text = fs::exists(project.state, ignored) ? project.state : fmt::format("{} (made by the first run)", project.state)};
}

Finding lookAtLedger(const Project& project) {
  const auto ledger = track::Ledger::openExisting(project.ledger());
  if (!ledger.ok()) return {.name = "ledger", .health = Health::Bad, .text = ledger.error().message};
  if (*ledger == nullptr) return {.name = "ledger", .health = Health::Open, .text = "no run yet"};
  const auto broken = (*ledger)->verify();
  if (!broken.ok()) return {.name = "ledger", .health = Health::Bad, .text = broken.error().message};
  if (broken->has_value()) return {.name = "ledger", .health = Health::Bad, .text = fmt::format("changed at entry {}", **broken)};
  return {.name = "ledger", .text = "whole"};
}

std::vector<Finding> examine(const Arguments& arguments) {
  std::string version = versionLine();
  version.pop_back();
  std::vector<Finding> findings{{.name = "program", .text = version},
                                {.name = "cores", .text = fmt::format("{}", std::thread::hardware_concurrency())},
                                lookAtEngine()};
  const Result<Project> project = locateProject(arguments);
  if (!project.ok()) {
    findings.push_back({.name = "project", .health = arguments.file ? Health::Bad : Health::Open, .text = project.error().message});
    return findings;
  }
  findings.push_back({.name = "project", .text = project->entry});
  findings.push_back(lookAtState(*project));
  findings.push_back(lookAtLedger(*project));
  return findings;
}

}  // namespace

int cmdDoctor(const Arguments& arguments, const Console& console) {
  bool good = true;
  TextTable table({Align::Left, Align::Left, Align::Left});
  track::Json list = track::Json::array();
  for (const Finding& finding : examine(arguments)) {
    good = good && finding.health != Health::Bad;
    const Style style = finding.health == Health::Good ? Style::Good : finding.health == Health::Bad ? Style::Bad : Style::Dim;
    table.add({console.out(style, finding.health == Health::Good ? "✓" : finding.health == Health::Bad ? "✗" : "○"), finding.name, finding.text});
    list.push_back({{"name", finding.name}, {"health", nameOf(finding.health)}, {"text", finding.text}});
  }
  console.result(console.json() ? track::Json{{"v", 1}, {"healthy", good}, {"findings", list}}.dump() + "\n" : table.text());
  return good ? Ok : StageFailed;
}

}  // namespace cd4ml::driver
