/// The pipeline a command works on: where its entry file and its state are, and the compiled program.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/check/check.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/driver/arguments.h"
#include "compiler/source/source_map.h"
#include "runtime/track/runs.h"

namespace cd4ml::driver {

/// Paths of a project; nothing is read yet.
struct Project {
  std::string entry;      ///< as a person would write it
  std::string folder;     ///< of the entry file; what is written in the file is relative to it
  std::string state;      ///< the state folder; may not exist yet
  std::string lock_file;  ///< cd4ml.lock

  [[nodiscard]] std::string ledger() const { return state + "/ledger.db"; }
};

/// Finds the entry file: the one that is named, main.cd4ml, or the only *.cd4ml here.
[[nodiscard]] Result<Project> locateProject(const Arguments& arguments);

/// The program, checked. `pipeline` is complete only if there are no errors.
struct Compilation {
  source::SourceMap sources;
  diag::Diagnostics diagnostics;
  ir::Pipeline pipeline;
  std::vector<ir::TestCase> tests;
  check::PinnedSchemas pinned;
};
/// What the command line says about the program.
struct Given {
  std::map<std::string, std::string> params;
  std::vector<std::string> profiles;  ///< `--profile a,b`: later ones win
};
[[nodiscard]] Given givenBy(const Arguments& arguments);
/// Reads, parses and checks the entry file and what it imports. An error only if a file cannot be read; mistakes are diagnostics.
[[nodiscard]] Result<Compilation> compileProject(const Project& project, const Given& given);
/// The same with schemas that are not in cd4ml.lock yet.
[[nodiscard]] Result<Compilation> compileProject(const Project& project, const Given& given,
                                                 const check::PinnedSchemas& pinned);

[[nodiscard]] track::Scope scopeOf(const Compilation& compilation, const Arguments& arguments);

}  // namespace cd4ml::driver
