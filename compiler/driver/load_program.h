/// The entry file and the modules that it imports, read, parsed and joined into one tree.
#pragma once

#include <string>

#include "base/result.h"
#include "compiler/diag/diagnostic.h"
#include "compiler/source/source_map.h"
#include "compiler/syntax/tree.h"

namespace cd4ml::driver {

/// A module that is not there is a diagnostic at its import; an error only if the entry file cannot be read. Two imports
/// of one file, however it is written, are one module. Every file that was read is in `sources`.
[[nodiscard]] Result<syntax::Tree> loadProgram(const std::string& entry, source::SourceMap& sources, diag::Diagnostics& diagnostics);

}  // namespace cd4ml::driver
