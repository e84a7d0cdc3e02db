/// The order in which a model takes its features: by definition hash, ties by content. Names and text order play no part.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "compiler/opt/op_hash.h"

namespace cd4ml::opt {

/// Slots of the features node (target and weight left out) in the model's order. `contents`: content id of each of its
/// slots (`SlotContent::content`), by slot; it decides between features with the same definition hash.
[[nodiscard]] std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, ir::NodeId features,
                                                      std::span<const Digest> contents);
[[nodiscard]] std::vector<std::uint32_t> featureOrder(const ir::Pipeline& normalised, const OpHashes& hashes,
                                                      ir::NodeId features, std::span<const Digest> contents);

}  // namespace cd4ml::opt
