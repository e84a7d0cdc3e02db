/// What `show` prints of a node, and the files that `show -o` writes.
#pragma once

#include "runtime/engine/run.h"

namespace cd4ml::engine {

[[nodiscard]] Result<std::string> showNode(Run& run, const ShowRequest& request);

}  // namespace cd4ml::engine
