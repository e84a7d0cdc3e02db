/// A model and what it takes and says, as the nodes around it need it.
#pragma once

#include "runtime/engine/run.h"
#include "runtime/score/predict.h"

namespace cd4ml::engine {

/// The model that scores for a node: of a `choose` the chosen candidate, else itself.
[[nodiscard]] ir::NodeId servedModel(const Run& run, ir::NodeId model);

/// Slots of the features node in the order in which the model takes them.
[[nodiscard]] Slots modelFeatures(const Run& run, ir::NodeId model);

/// Index of a part among the parts of a features node; nullopt if its split has no such part.
[[nodiscard]] std::optional<std::size_t> partIndex(const Run& run, ir::NodeId features, ir::Part part);

/// What a model says about one part of its features.
struct Predicted {
  score::Predictions predictions;
  std::vector<data::Column> columns;  ///< prediction, and probability where there is one
  score::Model model;                 ///< kinds and classes
};
[[nodiscard]] Result<Predicted> predictPart(Run& run, ir::NodeId model, ir::Part part);

}  // namespace cd4ml::engine
