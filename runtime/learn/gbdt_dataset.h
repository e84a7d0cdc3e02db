/// A part as LightGBM's dataset: bins, target, weights.
#pragma once

#include <memory>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/gbdt_parameters.h"
#include "runtime/learn/labels.h"

namespace cd4ml::learn {

struct FreeDataset { void operator()(void* handle) const; };
using GbdtDataset = std::unique_ptr<void, FreeDataset>;

/// Who looks up the bin of each value. The datasets are the same to the last bit, ours is several times as fast.
enum class Binning { Ours, Library };
/// Ours, unless the LightGBM at hand is not the one we know.
[[nodiscard]] Binning fastestBinning();

/// The dataset of `part`; with the bins of `reference` unless that is null. `start`: score of each output before the
/// first tree; empty: the library's own. Error: CD5502.
[[nodiscard]] Result<GbdtDataset> makeDataset(const TrainRequest& request, const TrainingPart& part, const Prepared& prepared, const Labels& labels,
                                              const std::vector<double>& start, const GbdtParameters& parameters, void* reference, Binning binning);

/// CD5502 with what LightGBM says about its last failure.
[[nodiscard]] Error libraryFailed(const TrainRequest& request, const char* step);

}  // namespace cd4ml::learn
