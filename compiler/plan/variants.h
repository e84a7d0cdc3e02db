/// The pipelines behind one model: the trials of a search, the training of one fold, what judges a candidate.
///
/// A variant is the same pipeline with a few nodes changed in place and at most one node added at the end, so node ids
/// stay valid, and what did not change has the key and the content it has in the pipeline itself. A trial that equals a
/// plain model is therefore the same result.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/ir/pipeline.h"

namespace cd4ml::plan {

/// One trial of a search: the options that it sets, sorted by name.
using Trial = std::vector<ir::Option>;

/// The trials of a search that does not look at how they fare, each once, in order. Grid: every combination of `points`
/// values a range, the last option fastest. Random, and the first rung of asha: first the options as written, then draws
/// that depend on (seed, trial, option) alone, so that a longer search begins with a shorter one.
[[nodiscard]] std::vector<Trial> trialsOf(const ir::Tune& tune, const std::vector<ir::Option>& written);

/// How many trials a search by draws makes at most.
[[nodiscard]] std::int64_t trialsWanted(const ir::Tune& tune);
/// Trial `number` (from 0) of a random search.
[[nodiscard]] Trial drawTrial(const ir::Tune& tune, const std::vector<ir::Option>& written, std::int64_t number);

/// One step of `asha`, successive halving by complete rungs (Jamieson and Talwalkar, "Non-stochastic Best Arm
/// Identification and Hyperparameter Optimization", 2016): the best of a rung grow `factor` times as many trees.
struct Rung {
  std::int64_t trees = 0;
  std::int64_t trials = 0;  ///< at most so many
};
/// The last rung has all trees that the model is written with.
[[nodiscard]] std::vector<Rung> rungsOf(const ir::Tune& tune, const std::vector<ir::Option>& written);
/// The trial with so many trees.
[[nodiscard]] Trial onRung(const Trial& trial, std::int64_t trees);

/// "depth: 6, learning_rate: 0.1".
[[nodiscard]] std::string trialText(const Trial& trial);

/// The model with the options of a trial and without its search.
[[nodiscard]] ir::Pipeline withTrial(const ir::Pipeline& pipeline, ir::NodeId model, const Trial& trial);

/// The training of one fold: the split gives that fold as validate and what may train for it as train, and the model is
/// a plain one.
[[nodiscard]] ir::Pipeline withFold(const ir::Pipeline& pipeline, ir::NodeId model, std::int32_t fold);
/// Whether a node is another one in the training of a fold: the split, its features, their models and evaluations.
[[nodiscard]] bool dependsOnFold(const ir::Pipeline& pipeline, ir::NodeId split, ir::NodeId node);

/// Adds an evaluation of `model` on the validate part by the objective's metric.
ir::NodeId addJudge(ir::Pipeline& pipeline, ir::NodeId model, const ir::Objective& objective);

/// Whether the deployable model depends on what the folds' models found: a search, or early stopping.
[[nodiscard]] bool learnsFromFolds(const ir::Model& model);
/// What the folds say of how long to train: the deployable model grows the median of their best rounds and does not stop
/// early. `best` holds one number a fold.
[[nodiscard]] Trial withoutEarlyStop(const std::vector<ir::Option>& written, std::vector<std::int64_t> best);

}  // namespace cd4ml::plan
