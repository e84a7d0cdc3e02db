#include "runtime/exec/source_files.h"

#include <algorithm>
#include <filesystem>

#include <glob.h>

#include <fmt/format.h>

#include "runtime/store/file_stat.h"

namespace cd4ml::exec {

namespace {

namespace fs = std::filesystem;

Error missing(const ir::Node& node, const std::string& path, const std::string& full) {
  const std::string owner = fmt::format("{} `{}`", ir::kindText(node), node.name);
  Error error = makeError("CD5001", isPattern(path) ? fmt::format("{}: no file matches `{}`", owner, path)
                                                    : fmt::format("{}: there is no file `{}`", owner, path),
                          node.name_span.empty() ? node.span : node.name_span);
  error.help.push_back(fmt::format("looked for {}; paths are relative to the file that names them", full));
  return error;
}

}  // namespace

bool isPattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> matchingFiles(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> paths;
  if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string fullPath(const std::string& folder, const std::string& path) {
  if (folder == "." || fs::path(path).is_absolute()) return path;
  return (fs::path(folder) / path).string();
}

Result<std::vector<engine::SourceFile>> sourceFiles(const ir::Node& node, const std::string& folder, store::CacheDb& index) {
  const bool patterns = std::holds_alternative<ir::Source>(node.body);
  std::vector<engine::SourceFile> files;
  for (const std::string& path : ir::filesOf(node)) {
    const std::string full = fullPath(folder, path);
    std::vector<std::string> paths{full};
    if (patterns && isPattern(path) && !fs::exists(full)) paths = matchingFiles(full);
    if (paths.empty() || !fs::exists(paths.front())) return missing(node, path, full);
    for (const std::string& file : paths) {
      Result<store::HashedFile> hashed = store::identifyFile(index, file);
      if (!hashed.ok()) {
        Error error = hashed.error();
        if (error.span.empty()) error.span = node.name_span;
        return error;
      }
      files.push_back({.path = file, .content = hashed->content, .size = hashed->stat.size,
                       .mtime_ns = hashed->stat.mtime_ns, .inode = hashed->stat.inode});
    }
  }
  return files;
}

}  // namespace cd4ml::exec
