/// What must hold of a forest before anything runs it, whoever made it.
#pragma once

#include <string>

#include "runtime/score/forest.h"

namespace cd4ml::score {

/// Every child index is reached exactly once, features and sets exist, each output has trees or a base.
/// Empty: all is well; else what is wrong.
[[nodiscard]] std::string verifyForest(const Forest& forest);

/// Depth of a tree in splits; 0: a single leaf.
[[nodiscard]] std::uint32_t depthOf(const Tree& tree);

}  // namespace cd4ml::score
