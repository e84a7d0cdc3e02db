/// Which build of a library runs in this process.
#pragma once

#include <string>

namespace cd4ml::learn {

/// The GNU build id, in hex, of the shared object that holds `address`; empty if it has none.
[[nodiscard]] std::string loadedBuild(const void* address);

}  // namespace cd4ml::learn
