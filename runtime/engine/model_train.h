/// Training of a model node on its parts: whole, or key by key.
#pragma once

#include "compiler/opt/versions.h"
#include "runtime/engine/run.h"
#include "runtime/learn/trainer.h"

namespace cd4ml::engine {

/// Trains on all rows that have a target.
[[nodiscard]] Result<learn::Trained> trainPlain(Run& run, const learn::TrainRequest& request);
/// Trains a model for each key of `model … per`; the rows of `whole` are still those of the parts, unlabelled ones too.
[[nodiscard]] Result<learn::Trained> trainPerKey(Run& run, ir::NodeId model, const learn::TrainRequest& whole);

}  // namespace cd4ml::engine
