/// An expression as a person reads it, for reasons: `log1p(flights.distance)`.
#pragma once

#include <functional>
#include <string>

#include "compiler/ir/value.h"

namespace cd4ml::plan {

/// `input` names an input slot. Long expressions are cut short.
[[nodiscard]] std::string expressionText(const ir::Graph& graph, ir::ValueId value,
                                         const std::function<std::string(std::uint32_t slot)>& input);

}  // namespace cd4ml::plan
