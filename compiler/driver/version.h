/// What `cd4mlc --version` says.
#pragma once

#include <string>

namespace cd4ml::driver {

[[nodiscard]] inline std::string versionLine() { return "cd4mlc 0.1.0\n"; }

}  // namespace cd4ml::driver
