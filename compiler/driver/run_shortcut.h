/// "Nothing changed since the last run", answered from plan.snap alone: no parsing, no database, no engine.
#pragma once

#include <optional>
#include <string>

#include "compiler/driver/arguments.h"
#include "compiler/driver/console.h"
#include "compiler/driver/project.h"
#include "compiler/driver/run_report.h"
#include "compiler/ir/pipeline.h"
#include "runtime/store/plan_snapshot.h"

namespace cd4ml::driver {

/// Prints the result of the last complete run and gives its exit code, if nothing that it depends on changed.
[[nodiscard]] std::optional<int> answerFromSnapshot(const Arguments& arguments, const Console& console);

/// What a run depends on, looked at before the run itself looks: what changes in between is seen by the next run.
struct Watch {
  std::int64_t seen_ns = 0;
  std::vector<store::WatchedFile> files;
};
/// The entry file, cd4ml.lock and the mark of champions, before the program is read.
[[nodiscard]] Watch beginWatch(const Project& project);
/// The imported files, after the program was read.
void watchModules(const source::SourceMap& sources, Watch& watch);
/// The files of all sources, before they are identified.
void watchSources(const Project& project, const ir::Pipeline& pipeline, Watch& watch);

/// Keeps the report for the next run. Called after a run in which every stage is up to date.
void keepSnapshot(const Arguments& arguments, const Project& project, Watch watch, const RunReport& report);

/// Told before and after a change of champion: what gates decided may no longer hold.
void markChampions(const Project& project);

}  // namespace cd4ml::driver
