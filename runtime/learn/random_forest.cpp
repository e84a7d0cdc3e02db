// `random_forest`: LightGBM grows each tree on rows and features of its own, and the trees are averaged (Breiman, "Random
// Forests", 2001). A tree of squared errors splits shares of classes as the Gini index does, so a class is learned as the
// number 1 where it is the target and 0 elsewhere, and its probability is the mean share of the leaves.
#include <LightGBM/c_api.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/format.h>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/gbdt_dataset.h"
#include "runtime/learn/gbdt_parameters.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/options.h"
#include "runtime/score/forest_lightgbm.h"

namespace cd4ml::learn {

namespace {

struct FreeBooster { void operator()(void* handle) const { LGBM_BoosterFree(handle); } };
using Booster = std::unique_ptr<void, FreeBooster>;

void dropLog(const char* /*text*/) {}

GbdtParameters parametersOf(const TrainRequest& request, const Prepared& prepared, int threads) {
  const Options options(request.options);
  std::uint32_t inputs = 0;
  std::string categories;
  for (const score::FeatureInput& input : prepared.inputs) {
    if (input.kind == ir::Kind::Category) categories += (categories.empty() ? "" : ",") + std::to_string(inputs);
    inputs += input.width;
  }
  const double wide = inputs;
  const double usual = request.task == ir::Task::Regression ? 1.0 / 3 : std::sqrt(wide) / wide;
  const double share = options.maybeNumber("column_share").value_or(std::max(usual, 1 / wide));
  const std::int64_t depth = options.integer("depth");
  GbdtParameters out{.text = {}, .link = request.task == ir::Task::Regression ? score::Link::Identity : score::Link::Shares,
                     .trees = static_cast<std::uint64_t>(options.integer("trees")), .early_stop = 0, .threads = threads};
  out.text = fmt::format("objective=regression metric=none boosting=rf num_iterations={} max_depth={} num_leaves={} min_data_in_leaf={}"
                         " bagging_fraction={} bagging_freq=1 feature_fraction_bynode={} seed={}",
                         out.trees, depth == 0 ? -1 : depth, options.integer("leaves"), options.integer("min_rows"),
                         options.number("row_share"), share, options.integer("seed"));
  if (!categories.empty()) out.text += " categorical_feature=" + categories;
  out.text += fmt::format(" deterministic=true force_row_wise=true verbosity=-1 num_threads={}", threads);
  return out;
}

struct Grown {
  score::Forest forest;
  std::vector<double> gains;  ///< one an input
};

Result<Grown> grow(const TrainRequest& request, void* dataset, const GbdtParameters& parameters, const TrainContext& context,
                   std::uint64_t before, std::uint64_t in_all, std::size_t inputs) {
  void* handle = nullptr;
  if (LGBM_BoosterCreate(dataset, parameters.text.c_str(), &handle) != 0) return libraryFailed(request, "starting");
  const Booster booster(handle);
  for (std::uint64_t tree = 0; tree < parameters.trees; ++tree) {
    if (std::optional<Error> stop = interruption(request, context)) return *std::move(stop);
    int finished = 0;
    if (LGBM_BoosterUpdateOneIter(handle, &finished) != 0) return libraryFailed(request, "growing a tree");
    if (context.progress) context.progress(before + tree + 1, in_all, "trees");
  }
  std::string text(1U << 20U, '\0');
  std::int64_t needed = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (LGBM_BoosterSaveModelToString(handle, 0, -1, C_API_FEATURE_IMPORTANCE_SPLIT, static_cast<std::int64_t>(text.size()), &needed, text.data()) != 0) {
      return libraryFailed(request, "taking the trees");
    }
    if (needed <= static_cast<std::int64_t>(text.size())) break;
    text.resize(static_cast<std::size_t>(needed));
  }
  Grown out{.forest = {}, .gains = std::vector<double>(inputs, 0.0)};
  CD4ML_TRY(out.forest, score::readLightgbm(std::string_view(text.data(), static_cast<std::size_t>(needed - 1))));
  if (LGBM_BoosterFeatureImportance(handle, -1, C_API_FEATURE_IMPORTANCE_GAIN, out.gains.data()) != 0) out.gains.assign(inputs, 0.0);
  return out;
}

/// Trees of `next` after those of each output so far: tree t of the result belongs to output t % outputs.
void interleave(std::vector<score::Forest>& forests, score::Forest& out) {
  out.features = forests[0].features;
  out.outputs = static_cast<std::uint32_t>(forests.size());
  out.base.assign(forests.size(), 0.0);
  out.divisor = static_cast<std::uint32_t>(forests[0].trees.size());
  std::vector<std::uint32_t> offset;
  for (const score::Forest& forest : forests) {
    offset.push_back(static_cast<std::uint32_t>(out.sets.size()));
    out.sets.insert(out.sets.end(), forest.sets.begin(), forest.sets.end());
  }
  for (std::size_t t = 0; t < forests[0].trees.size(); ++t) {
    for (std::size_t o = 0; o < forests.size(); ++o) {
      score::Tree tree = std::move(forests[o].trees[t]);
      for (score::Split& split : tree.splits) {
        if (!split.categorical) continue;
        split.set_begin += offset[o];
        split.set_end += offset[o];
      }
      out.trees.push_back(std::move(tree));
    }
  }
}

/// True rows weigh `positive_weight` times as much.
void weighPositive(const TrainRequest& request, Labels& labels) {
  const double weight = Options(request.options).number("positive_weight");
  if (request.task != ir::Task::Binary || weight == 1) return;
  if (labels.weight.empty()) labels.weight.assign(labels.target.size(), 1.0);
  for (std::size_t r = 0; r < labels.target.size(); ++r) labels.weight[r] *= labels.target[r] > 0 ? weight : 1.0;
}

/// What output `o` learns: the number, or whether a row is of the class.
Labels labelsOf(const Labels& labels, ir::Task task, std::size_t o) {
  if (task != ir::Task::Multiclass) return labels;
  Labels out = labels;
  for (double& target : out.target) target = target == static_cast<double>(o) ? 1.0 : 0.0;
  return out;
}

}  // namespace

Result<Fit> trainRandomForest(const TrainRequest& request, const Prepared& prepared, const TrainContext& context) {
  LGBM_RegisterLogCallback(dropLog);
  // Threads change no bit, and on few rows they cost more than they bring.
  const int threads = static_cast<int>(std::min<std::int64_t>(context.threads, 1 + request.train.rows / 20'000));
  const GbdtParameters parameters = parametersOf(request, prepared, threads);
  CD4ML_TRY(Labels labels, trainingLabels(request, prepared.classes));
  weighPositive(request, labels);
  const std::size_t outputs = request.task == ir::Task::Multiclass ? prepared.classes.size() : 1;
  std::size_t inputs = 0;
  for (const score::FeatureInput& input : prepared.inputs) inputs += input.width;
  std::vector<score::Forest> forests;
  std::vector<double> gains(inputs, 0.0);
  for (std::size_t o = 0; o < outputs; ++o) {
    const PhaseClock clock(context, "train");
    CD4ML_TRY(const GbdtDataset dataset, makeDataset(request, request.train, prepared, labelsOf(labels, request.task, o), {}, parameters, nullptr, fastestBinning()));
    CD4ML_TRY(Grown grown, grow(request, dataset.get(), parameters, context, o * parameters.trees, outputs * parameters.trees, inputs));
    forests.push_back(std::move(grown.forest));
    for (std::size_t i = 0; i < inputs; ++i) gains[i] += grown.gains[i];
  }
  Fit fit{.body = score::Forest{}, .link = parameters.link, .iterations = parameters.trees, .best_iteration = parameters.trees};
  interleave(forests, std::get<score::Forest>(fit.body));
  std::size_t at = 0;
  for (const score::FeatureInput& feature : prepared.inputs) {
    double sum = 0;
    for (std::uint32_t k = 0; k < feature.width; ++k) sum += gains[at++];
    fit.gains.push_back(sum);
  }
  return fit;
}

}  // namespace cd4ml::learn
