/// The normal form of a pipeline: the same nodes and slots with graphs and ops reduced to what decides results.
///
/// Nodes, slots, columns, names and spans stay as they are, so ids stay valid. `passes.cpp` lists the passes.
#pragma once

#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

[[nodiscard]] ir::Pipeline normalise(ir::Pipeline pipeline);

}  // namespace cd4ml::opt
