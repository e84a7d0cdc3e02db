/// The passes that make the normal form; `passes.cpp` is the table of contents. Each is pure: it changes how results are
/// computed, never what they are, and keeps nodes, slots, columns, names and spans as they are.
#pragma once

#include <functional>

#include "compiler/ir/pipeline.h"

namespace cd4ml::opt {

/// Equal values of a graph become one: common sub-expressions are computed once.
void shareValues(ir::Pipeline& pipeline);
/// Values that no op, check, feature or metric needs are gone.
void dropUnusedValues(ir::Pipeline& pipeline);

/// The columns of a row id stand in the order of their definitions, not in that of the text.
void orderRowIds(ir::Pipeline& pipeline);

/// Calls `visit` for each place outside a graph that names one of its values.
void forEachRoot(ir::NodeBody& body, const std::function<void(ir::ValueId&)>& visit);
/// Calls `visit` for each window of a table or of features; each has a graph of its own with `argument` as its root.
void forEachWindow(ir::NodeBody& body, const std::function<void(ir::Window&)>& visit);
/// The graph of a node, or null if it has none.
[[nodiscard]] ir::Graph* graphOf(ir::NodeBody& body);

}  // namespace cd4ml::opt
