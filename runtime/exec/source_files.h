/// The files that a node reads (`ir::filesOf`), as the key sees them: globs resolved, sorted by path, identified through
/// the stat index.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/pipeline.h"
#include "runtime/engine/engine.h"
#include "runtime/store/cache_db.h"

namespace cd4ml::exec {

/// Paths in the program are relative to `folder`, that of the entry file. A pattern that matches nothing is an error
/// CD5001 at the node's declaration. Only a source's paths are patterns.
Result<std::vector<engine::SourceFile>> sourceFiles(const ir::Node& node, const std::string& folder, store::CacheDb& index);

/// A path of the program as seen from the current folder.
[[nodiscard]] std::string fullPath(const std::string& folder, const std::string& path);
/// Whether a path may stand for several files.
[[nodiscard]] bool isPattern(std::string_view path);
/// Files that match, sorted by bytes so that locale plays no part.
[[nodiscard]] std::vector<std::string> matchingFiles(const std::string& pattern);

}  // namespace cd4ml::exec
