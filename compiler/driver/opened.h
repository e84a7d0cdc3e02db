/// What most commands begin with: the project, its compiled program without errors, and its ledger.
#pragma once

#include <functional>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/driver/project.h"
#include "runtime/track/ledger.h"

namespace cd4ml::driver {

struct Opened {
  Project project;
  Compilation compilation;
  track::Scope scope;
};

/// Runs `body` on the compiled project; mistakes in the program text are printed and give exit 2.
int withProject(const Arguments& arguments, const Console& console, const std::function<Result<int>(Opened&)>& body);
/// The same for commands that work on the ledger; without a ledger yet there is nothing to tell: `none` is printed.
int withLedger(const Arguments& arguments, const Console& console,
               const std::function<Result<int>(Opened&, track::Ledger&)>& body);

/// Errors, warnings and their summary, on stderr; says whether there were errors.
bool printDiagnostics(const Compilation& compilation, const Console& console);
/// A failure of a run with the line of the program that asked for it.
void printError(const Error& error, const source::SourceMap& sources, const Console& console);

/// `name` must be a node; else an error CD4103 that names the nearest ones.
[[nodiscard]] Result<ir::NodeId> findNode(const ir::Pipeline& pipeline, const std::string& name);

}  // namespace cd4ml::driver
