/// One pass of a monitor: rows in, verdicts of windows out, as the JSON of docs/reference/json.md.
#pragma once

#include <string>

#include "runtime/engine/run.h"

namespace cd4ml::engine {

[[nodiscard]] Result<std::string> inspectMonitor(Run& run, const InspectRequest& request);

}  // namespace cd4ml::engine
