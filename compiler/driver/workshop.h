/// What commands that run or look at nodes need: cache, locks, blobs, the engine (not opened yet), champions.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "compiler/driver/opened.h"
#include "runtime/exec/engine_library.h"
#include "runtime/exec/runner.h"
#include "runtime/store/cas.h"
#include "runtime/track/ledger.h"
#include "runtime/track/models.h"

namespace cd4ml::driver {

struct Workshop {
  std::shared_ptr<store::Cas> cas;
  std::unique_ptr<exec::EngineLibrary> engine;
  std::shared_ptr<track::Ledger> ledger;
  exec::RunnerConfig config;
};

/// Opens the state of a project, making it if it is not there.
[[nodiscard]] Result<Workshop> openWorkshop(const Project& project, const Arguments& arguments);
/// Fills in the present champions of the pipeline's deploys.
Status lookUpChampions(const Project& project, const track::Scope& scope, Workshop& workshop);

/// What `show` and `score` need of a run.
struct Fresh {
  exec::RunOutcome outcome;
  std::vector<track::ModelVersion> models;
};
/// Brings targets of the pipeline (in normal form) up to date for another command. The first failure of a stage is the
/// error. A run is recorded only if something ran.
Result<Fresh> bringUpToDate(const Opened& opened, const ir::Pipeline& normalised, const std::vector<ir::NodeId>& targets,
                            const std::string& command, Workshop& workshop);

/// Infers and pins the schemas of sources that have none, writes cd4ml.lock and compiles again. `sources`: names to pin
/// anew although they are pinned (`pin`); else only those that are not. Says what it pinned.
Result<std::vector<std::string>> pinSchemas(const Project& project, const Arguments& arguments, Workshop& workshop,
                                            const std::vector<std::string>& sources, Compilation& compilation);

}  // namespace cd4ml::driver
