/// The request that reads columns of a source node.
#pragma once

#include "runtime/data/read.h"
#include "runtime/engine/run.h"

namespace cd4ml::engine {

[[nodiscard]] data::ReadRequest sourceRequest(const Run& run, ir::NodeId id, const Slots& slots);

}  // namespace cd4ml::engine
