/// What a model takes to score a row, as it follows from the pipeline: the columns of the row itself, and the history that
/// comes from the sources.
#pragma once

#include <string>

#include "compiler/driver/console.h"
#include "compiler/ir/pipeline.h"
#include "compiler/source/source_map.h"
#include "runtime/track/json.h"

namespace cd4ml::driver {

/// {"input":[{"name","type"}],"history":[{"reads","rows","file","line"}]}; empty without features.
[[nodiscard]] track::Json scoringJson(const ir::Pipeline& pipeline, ir::NodeId model, const source::SourceMap& sources);
[[nodiscard]] std::string renderScoring(const track::Json& scoring, const Console& console);

}  // namespace cd4ml::driver
