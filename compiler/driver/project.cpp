#include "compiler/driver/project.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/driver/load_program.h"
#include "compiler/driver/lock_file.h"

namespace cd4ml::driver {

namespace {

namespace fs = std::filesystem;

Result<std::string> findEntry(const Arguments& arguments) {
  if (arguments.file) {
    if (fs::is_regular_file(*arguments.file)) return *arguments.file;
    return makeError("CD4102", fmt::format("there is no file `{}`", *arguments.file));
  }
  if (fs::is_regular_file("main.cd4ml")) return std::string("main.cd4ml");
  std::vector<std::string> found;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(".", ignored)) {
    if (entry.path().extension() == ".cd4ml" && entry.is_regular_file(ignored)) found.push_back(entry.path().filename().string());
  }
  std::sort(found.begin(), found.end());
  if (found.size() == 1) return found.front();
  Error error = makeError("CD4102", found.empty() ? "there is no *.cd4ml file here"
                                                  : fmt::format("which file? there are {}", fmt::join(found, ", ")));
  error.help.push_back(found.empty() ? "change to the folder of the pipeline, or name the file"
                                     : fmt::format("name one: cd4mlc {} {}", arguments.command, found.front()));
  return error;
}

}  // namespace

Result<Project> locateProject(const Arguments& arguments) {
  Project project;
  CD4ML_TRY(project.entry, findEntry(arguments));
  const fs::path parent = fs::path(project.entry).parent_path();
  project.folder = parent.empty() ? "." : parent.string();
  project.state = arguments.state.value_or((fs::path(parent) / ".cd4ml").string());
  project.lock_file = (fs::path(parent) / "cd4ml.lock").string();
  return project;
}

Result<Compilation> compileProject(const Project& project, const Given& given,
                                   const check::PinnedSchemas& pinned) {
  Compilation compilation;
  CD4ML_TRY(const syntax::Tree tree, loadProgram(project.entry, compilation.sources, compilation.diagnostics));
  const check::Settings settings{.params = given.params, .pinned = pinned, .profiles = given.profiles};
  check::Checked checked = check::check(tree, compilation.sources, settings, compilation.diagnostics);
  compilation.diagnostics.sort();
  compilation.pipeline = std::move(checked.pipeline);
  compilation.tests = std::move(checked.tests);
  compilation.pinned = pinned;
  return compilation;
}

Result<Compilation> compileProject(const Project& project, const Given& given) {
  CD4ML_TRY(const check::PinnedSchemas pinned, readLockFile(project.lock_file));
  return compileProject(project, given, pinned);
}

Given givenBy(const Arguments& arguments) {
  Given given{.params = arguments.params, .profiles = {}};
  std::string_view rest = arguments.profile == "default" ? std::string_view() : arguments.profile;
  while (!rest.empty()) {
    const std::size_t comma = rest.find(',');
    if (comma != 0) given.profiles.emplace_back(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
  return given;
}

track::Scope scopeOf(const Compilation& compilation, const Arguments& arguments) {
  return {.pipeline = compilation.pipeline.name, .profile = arguments.profile};
}

}  // namespace cd4ml::driver
