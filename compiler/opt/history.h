/// Where a model reads other rows than the one it scores: windows of features and of tables, as-of joins. What those rows
/// are follows from the sources through all verbs, as in training; a scoring program holds a place's definition, by which it
/// is found in the pipeline again.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/digest.h"
#include "compiler/ir/scoring.h"

namespace cd4ml::opt {

/// Definitions of the windows and as-of columns of a table or features node, each down to the sources.
[[nodiscard]] std::map<ir::HistoryPlace, Digest> historyDefinitions(const ir::Pipeline& pipeline, ir::NodeId node);

/// All places of a pipeline by definition, in hex.
[[nodiscard]] std::map<std::string, ir::HistoryPlace> historyPlaces(const ir::Pipeline& pipeline);

/// One reason why a model needs history: the rows of which node, what of them, and where the file says so.
struct HistoryNeed {
  ir::HistoryPlace place;
  ir::NodeId rows;    ///< whose rows are read
  std::string reads;  ///< "mean of `flights` by `origin`"
  Span span{};
};

/// The history that a model needs to score a row; empty: the row alone is enough. Where rows cannot be had, as in a server
/// without state, this says why the model cannot be served there. Several columns of one join are one need.
[[nodiscard]] std::vector<HistoryNeed> historyNeeds(const ir::Pipeline& pipeline, ir::NodeId model);

}  // namespace cd4ml::opt
