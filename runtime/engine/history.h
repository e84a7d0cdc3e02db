/// Windows and as-of joins of a model that is applied: the rows that they read come from the pipeline's sources, through all
/// verbs as in training, whatever rows are scored.
#pragma once

#include "compiler/ir/scoring.h"
#include "runtime/engine/run.h"
#include "runtime/score/bundle.h"

namespace cd4ml::engine {

/// The bundle's section `history`, and back.
[[nodiscard]] std::string encodeHistory(const ir::ScoringProgram& program);
[[nodiscard]] Result<std::vector<ir::HistoryInput>> historyOf(const score::Bundle& bundle);

/// CD5605: the rows are not at hand.
[[nodiscard]] Error noHistory(const std::vector<ir::HistoryInput>& history, const std::string& bundle);

/// Adds the inputs that come from history behind the raw columns of `rows` rows. Their places are found in the pipeline by
/// their definitions; one that is not there any more is an error.
[[nodiscard]] Status addHistory(Run& run, const score::Bundle& bundle, const std::vector<ir::HistoryInput>& history,
                                std::vector<data::Column>& columns, std::int64_t rows);

}  // namespace cd4ml::engine
