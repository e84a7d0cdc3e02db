/// Windows as a person would write them, for plans and reasons.
#pragma once

#include <functional>
#include <string>

#include "compiler/ir/pipeline.h"

namespace cd4ml::plan {

/// `mean(delay) over (by origin, gap 86400s, last 604800s)`. `own` names the owner's columns.
[[nodiscard]] std::string windowWords(const ir::Pipeline& pipeline, const ir::Window& window, const std::function<std::string(std::uint32_t)>& own);

}  // namespace cd4ml::plan
