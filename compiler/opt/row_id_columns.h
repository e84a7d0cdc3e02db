/// Which columns of a node make the row id (semantics.md): `@id`; else `@key` and `@time`; else the columns of S, the last
/// step that does not keep rows, that the node still has unchanged.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

/// Slots of `node`, in slot order. Whoever computes row ids takes them sorted by content id.
[[nodiscard]] std::vector<std::uint32_t> rowIdColumns(const ir::Pipeline& pipeline, ir::NodeId node);
/// Those of a features node: its split's, else by the rule over its `from` node; slots of `from`.
[[nodiscard]] std::vector<std::uint32_t> rowIdColumns(const ir::Pipeline& pipeline, const ir::Features& features);

}  // namespace cd4ml::opt
