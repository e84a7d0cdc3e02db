/// `cd4ml.lock` beside the entry file: pinned schemas of sources without a field block. JSON, sorted, written by
/// temporary file and rename, meant to be committed with the program text.
#pragma once

#include <string>

#include "base/result.h"
#include "compiler/check/check.h"

namespace cd4ml::driver {

/// No file gives no schemas; a file that cannot be understood is an error.
[[nodiscard]] Result<check::PinnedSchemas> readLockFile(const std::string& path);
Status writeLockFile(const std::string& path, const check::PinnedSchemas& schemas);

}  // namespace cd4ml::driver
