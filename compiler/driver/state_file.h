/// Small files of the project and its state, read and replaced whole.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cd4ml::driver {

[[nodiscard]] Result<std::string> readFile(const std::string& path);
/// By temporary file and rename: a reader sees the old bytes or the new. CD4104.
Status replaceFile(const std::string& path, std::string_view bytes);
/// Makes the folder and those above it. CD4104.
Status makeFolders(const std::string& path);

}  // namespace cd4ml::driver
