/// Digests of windows: what a fold over other rows means, for its owner's definitions (define_table, define_features).
#pragma once

#include <functional>

#include "compiler/opt/define.h"

namespace cd4ml::opt {

/// What stands for the columns of the owner's row and of the folded rows, by slot; `rows` for the owner's row set.
struct WindowSides {
  std::function<Digest(std::uint32_t)> current;
  std::function<Digest(std::uint32_t)> folded;
  Digest rows;
};

[[nodiscard]] Digest defineWindow(const ir::Window& window, const WindowSides& sides, Leaves& leaves);

/// The flag of an `@available` time that is not there: 0 known at their time, 2 so long after it.
void encodeKnownAfter(Hasher& hasher, const ir::Period& known_after);

/// Digests of the windows of a features node.
[[nodiscard]] std::vector<Digest> defineWindows(const ir::Pipeline& pipeline, const ir::Features& features, Leaves& leaves);

/// Slots of the owner's row that a window reads; where it folds the owner's own rows, those of the folded rows too.
[[nodiscard]] std::vector<std::uint32_t> ownSlotsRead(const ir::Window& window);

}  // namespace cd4ml::opt
