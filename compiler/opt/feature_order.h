/// The order in which a model takes its features: by definition hash. Names and text order play no part.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/opt/op_hash.h"

namespace cd4ml::opt {

/// Slots of the features node (target and weight left out) in the model's order. Features with one definition hash have
/// the same definition over equally declared fields; they stay in slot order, and the model's key lists their contents.
[[nodiscard]] std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, ir::NodeId features);
[[nodiscard]] std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, const OpHashes& hashes, ir::NodeId features);

}  // namespace cd4ml::opt
