#include "compiler/driver/project.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compiler/driver/lock_file.h"
#include "compiler/driver/state_file.h"
#include "compiler/parse/parse.h"

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

Result<Compilation> compileProject(const Project& project, const std::map<std::string, std::string>& params,
                                   const check::PinnedSchemas& pinned) {
  Compilation compilation;
  CD4ML_TRY(std::string text, readFile(project.entry));
  const FileIndex file = compilation.sources.add(project.entry, std::move(text));
  const syntax::Tree tree = parse::parse(compilation.sources, file, compilation.diagnostics);
  const check::Settings settings{.params = params, .pinned = pinned};
  check::Checked checked = check::check(tree, compilation.sources, settings, compilation.diagnostics);
  compilation.diagnostics.sort();
  compilation.pipeline = std::move(checked.pipeline);
  compilation.pinned = pinned;
  return compilation;
}

Result<Compilation> compileProject(const Project& project, const std::map<std::string, std::string>& params) {
  CD4ML_TRY(const check::PinnedSchemas pinned, readLockFile(project.lock_file));
  return compileProject(project, params, pinned);
}

track::Scope scopeOf(const Compilation& compilation, const Arguments& arguments) {
  return {.pipeline = compilation.pipeline.name, .profile = arguments.profile};
}

}  // namespace cd4ml::driver
