#include "compiler/driver/workshop.h"

#include <algorithm>
#include <filesystem>
#include <thread>

#include <fmt/format.h>

#include "compiler/driver/interrupt.h"
#include "compiler/driver/lock_file.h"
#include "compiler/driver/state_file.h"
#include "runtime/exec/keep_models.h"
#include "runtime/exec/source_files.h"
#include "runtime/track/json.h"
#include "runtime/track/models.h"

namespace cd4ml::driver {

namespace {

int jobsOf(const Arguments& arguments) {
  if (arguments.jobs > 0) return arguments.jobs;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

Result<Workshop> openWorkshop(const Project& project, const Arguments& arguments) {
  Workshop workshop;
  if (const Status made = makeFolders(project.state); !made.ok()) {
    Error error = made.error();
    error.help.emplace_back("--state DIR or CD4ML_STATE names another folder for the state");
    return error;
  }
  CD4ML_TRY(workshop.cas, store::Cas::open(project.state + "/cas"));
  CD4ML_TRY(workshop.config.cache, store::CacheDb::open(project.state + "/cache.db"));
  CD4ML_TRY(workshop.config.locks, store::KeyLocks::open(project.state + "/locks"));
  CD4ML_TRY(workshop.ledger, track::Ledger::open(project.ledger()));
  workshop.engine = std::make_unique<exec::EngineLibrary>(engine::EngineConfig{
      .cas = workshop.cas, .object_cache = project.state + "/objects", .scratch = project.state + "/stages", .threads = jobsOf(arguments)});
  workshop.config.folder = project.folder;
  workshop.config.profile = arguments.profile;
  workshop.config.jobs = jobsOf(arguments);
  workshop.config.keep_going = arguments.keep_going;
  workshop.config.cancelled = &interruptFlag();
  workshop.config.engine = [library = workshop.engine.get()] { return library->get(); };
  return workshop;
}

Status lookUpChampions(const Project& project, const track::Scope& scope, Workshop& workshop) {
  workshop.config.champions.clear();
  CD4ML_TRY(const std::vector<track::Champion> champions, track::listChampions(*workshop.ledger, scope));
  for (const track::Champion& champion : champions) {
    const std::optional<Digest> id = Digest::parse(champion.id);
    if (!id) return makeError("CD6001", fmt::format("the ledger names a champion without an id: `{}`", champion.label()));
    workshop.config.champions[champion.deploy] = {.id = *id, .bundle = project.state + "/" + champion.bundle};
  }
  return Done{};
}

Result<Fresh> bringUpToDate(const Opened& opened, const ir::Pipeline& normalised, const std::vector<ir::NodeId>& targets,
                            const std::string& command, Workshop& workshop) {
  CD4ML_TRY_VOID(lookUpChampions(opened.project, opened.scope, workshop));
  Fresh fresh{.outcome = exec::runPipeline(normalised, targets, workshop.config, {}), .models = {}};
  if (fresh.outcome.cancelled) return makeError("CD4104", "cancelled");
  for (const exec::StageResult& stage : fresh.outcome.stages) {
    if (stage.error) return *stage.error;
  }
  const std::string run = track::newRunId();
  const exec::KeepSetting setting{.scope = opened.scope, .run = run, .state = opened.project.state};
  CD4ML_TRY(fresh.models, exec::keepModels(normalised, fresh.outcome, workshop.config, *workshop.ledger, setting));
  std::size_t ran = 0;
  for (const exec::StageResult& stage : fresh.outcome.stages) ran += stage.status == exec::StageStatus::Ran ? 1 : 0;
  if (ran == 0) return fresh;
  CD4ML_TRY_VOID(workshop.cas->sync());
  const std::string file = std::filesystem::absolute(opened.project.entry).lexically_normal().string();
  CD4ML_TRY_VOID(track::beginRun(*workshop.ledger, {.id = run, .scope = opened.scope, .command = command, .file = file, .params = "{}"}));
  const track::Json counts{{"ran", ran}, {"cached", fresh.outcome.stages.size() - ran}};
  track::RunEnd end{.id = run, .event = track::Json{{"v", 1}, {"event", "run"}, {"id", run}, {"status", "ok"}, {"counts", counts}, {"exit", 0}}.dump(),
                    .stages = {}, .metrics = {}, .gates = {}};
  for (const exec::StageResult& stage : fresh.outcome.stages) end.stages.push_back(exec::stageRecord(normalised, stage));
  CD4ML_TRY_VOID(track::endRun(*workshop.ledger, end));
  return fresh;
}

Result<std::vector<std::string>> pinSchemas(const Project& project, const Arguments& arguments, Workshop& workshop,
                                            const std::vector<std::string>& sources, Compilation& compilation) {
  std::vector<std::string> pinned;
  check::PinnedSchemas schemas = compilation.pinned;
  for (const ir::Node& node : compilation.pipeline.nodes) {
    const auto* source = std::get_if<ir::Source>(&node.body);
    if (source == nullptr) continue;
    const bool asked = std::find(sources.begin(), sources.end(), node.name) != sources.end();
    if (!source->open_schema && !(asked && source->pinned)) continue;
    CD4ML_TRY(const std::vector<engine::SourceFile> files, exec::sourceFiles(node, project.folder, *workshop.config.cache));
    CD4ML_TRY(engine::Engine * engine, workshop.engine->get());
    CD4ML_TRY(const std::vector<engine::InferredField> fields, engine->inferSchema(*source, files));
    std::vector<check::PinnedField>& schema = schemas[node.name];
    schema.clear();
    for (const engine::InferredField& field : fields) schema.push_back({.name = field.name, .type = field.type});
    pinned.push_back(node.name);
  }
  if (pinned.empty()) return pinned;
  CD4ML_TRY_VOID(writeLockFile(project.lock_file, schemas));
  CD4ML_TRY(compilation, compileProject(project, givenBy(arguments), schemas));
  return pinned;
}

}  // namespace cd4ml::driver
