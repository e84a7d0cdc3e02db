/// Reading the IR's text form back: what `printGraph` and `printPipeline` wrote, spans excepted.
///
/// For tests, dumps and tools. Malformed text is an `Error` (CD9002) that names the line; nothing is guessed.
#pragma once

#include <string_view>

#include "base/result.h"
#include "compiler/ir/pipeline.h"

namespace cd4ml::ir {

[[nodiscard]] Result<Graph> parseGraph(std::string_view text);
[[nodiscard]] Result<Pipeline> parsePipeline(std::string_view text);

}  // namespace cd4ml::ir
