// `gbdt` by LightGBM's C interface: a dataset goes in, trees come out as text and become a Forest.
#include <LightGBM/c_api.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/gbdt_dataset.h"
#include "runtime/learn/gbdt_focal.h"
#include "runtime/learn/gbdt_parameters.h"
#include "runtime/learn/labels.h"
#include "runtime/learn/options.h"
#include "runtime/score/forest_lightgbm.h"

namespace cd4ml::learn {

namespace {

struct FreeBooster { void operator()(void* handle) const { LGBM_BoosterFree(handle); } };
using Booster = std::unique_ptr<void, FreeBooster>;

void dropLog(const char* /*text*/) {}

/// Losses behind a logarithm take no negative target. Asked here: LightGBM would write its complaint to stderr itself.
Result<Done> checkTargets(const TrainRequest& request, const Labels& labels, std::string_view part) {
  if (request.task != ir::Task::Regression) return Done{};
  const std::string loss = Options(request.options).maybeText("loss").value_or("squared");
  if (loss != "poisson" && loss != "gamma" && loss != "tweedie") return Done{};
  const bool above = loss == "gamma";
  const auto wrong = std::find_if(labels.target.begin(), labels.target.end(), [&](double v) { return above ? v <= 0 : v < 0; });
  if (wrong != labels.target.end()) {
    return makeError("CD5502", fmt::format("the target of row {} of the {} part is {}; loss \"{}\" takes {}", wrong - labels.target.begin() + 1,
                                           part, *wrong, loss, above ? "only numbers above 0" : "no negative numbers"), request.span);
  }
  const bool nothing = std::all_of(labels.target.begin(), labels.target.end(), [](double v) { return v == 0; });
  if (part == "train" && nothing) {
    return makeError("CD5502", fmt::format("the target is 0 in all training rows; loss \"{}\" needs one above 0", loss), request.span);
  }
  return Done{};
}

struct Rounds {
  std::uint64_t done = 0;
  std::uint64_t best = 0;
};

/// A loss of our own: the library grows trees on slopes that it is given, and measures nothing.
struct OwnLoss {
  std::optional<FocalLoss> train;
  std::optional<FocalLoss> validate;
};

/// Scores so far of the train (0) or validate (1) part.
Result<std::vector<double>> scoresOf(const TrainRequest& request, void* booster, int part) {
  std::int64_t count = 0;
  if (LGBM_BoosterGetNumPredict(booster, part, &count) != 0) return libraryFailed(request, "reading the scores");
  std::vector<double> scores(static_cast<std::size_t>(count));
  if (LGBM_BoosterGetPredict(booster, part, &count, scores.data()) != 0) return libraryFailed(request, "reading the scores");
  return scores;
}

/// One round; whether nothing could be split.
Result<bool> growRound(const TrainRequest& request, void* booster, const OwnLoss& own) {
  int finished = 0;
  if (!own.train) {
    if (LGBM_BoosterUpdateOneIter(booster, &finished) != 0) return libraryFailed(request, "growing a tree");
    return finished != 0;
  }
  CD4ML_TRY(const std::vector<double> scores, scoresOf(request, booster, 0));
  std::vector<float> slope;
  std::vector<float> curvature;
  own.train->slopes(scores, slope, curvature);
  if (LGBM_BoosterUpdateOneIterCustom(booster, slope.data(), curvature.data(), &finished) != 0) return libraryFailed(request, "growing a tree");
  return finished != 0;
}

Result<double> validationLoss(const TrainRequest& request, void* booster, const OwnLoss& own) {
  if (own.validate) {
    CD4ML_TRY(const std::vector<double> scores, scoresOf(request, booster, 1));
    return own.validate->mean(scores);
  }
  int count = 0;
  double loss = 0;
  if (LGBM_BoosterGetEval(booster, 1, &count, &loss) != 0 || count != 1) return libraryFailed(request, "measuring the validation loss");
  return loss;
}

/// Boosts until the trees are there, nothing can be split, or `early_stop` rounds brought no better validation loss.
Result<Rounds> boost(const TrainRequest& request, void* booster, const OwnLoss& own, const GbdtParameters& parameters, const TrainContext& context) {
  const bool watch = parameters.early_stop > 0 && request.validate.rows > 0;
  double best_loss = std::numeric_limits<double>::infinity();
  Rounds rounds;
  while (rounds.done < parameters.trees) {
    if (std::optional<Error> stop = interruption(request, context)) return *std::move(stop);
    CD4ML_TRY(const bool finished, growRound(request, booster, own));
    if (finished) break;
    ++rounds.done;
    if (context.progress) context.progress(rounds.done, parameters.trees, "trees");
    if (!watch) {
      rounds.best = rounds.done;
      continue;
    }
    CD4ML_TRY(const double loss, validationLoss(request, booster, own));
    if (rounds.best == 0 || loss < best_loss) {
      best_loss = loss;
      rounds.best = rounds.done;
    }
    if (rounds.done - rounds.best >= parameters.early_stop) break;
  }
  return rounds;
}

Result<score::Forest> takeForest(const TrainRequest& request, void* booster, std::uint64_t iterations) {
  std::string text(1U << 20U, '\0');
  std::int64_t needed = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (LGBM_BoosterSaveModelToString(booster, 0, static_cast<int>(iterations), C_API_FEATURE_IMPORTANCE_SPLIT,
                                      static_cast<std::int64_t>(text.size()), &needed, text.data()) != 0) {
      return libraryFailed(request, "taking the trees");
    }
    if (needed <= static_cast<std::int64_t>(text.size())) break;
    text.resize(static_cast<std::size_t>(needed));
  }
  return score::readLightgbm(std::string_view(text.data(), static_cast<std::size_t>(needed - 1)));
}

/// Gain of each input over the first `iterations` rounds, summed by feature.
std::vector<double> gainsOf(void* booster, const Prepared& prepared, std::uint64_t iterations) {
  std::size_t inputs = 0;
  for (const score::FeatureInput& feature : prepared.inputs) inputs += feature.width;
  std::vector<double> by_input(inputs, 0.0);
  if (LGBM_BoosterFeatureImportance(booster, static_cast<int>(iterations), C_API_FEATURE_IMPORTANCE_GAIN, by_input.data()) != 0) return {};
  std::vector<double> gains;
  std::size_t at = 0;
  for (const score::FeatureInput& feature : prepared.inputs) {
    double sum = 0;
    for (std::uint32_t k = 0; k < feature.width; ++k) sum += by_input[at++];
    gains.push_back(sum);
  }
  return gains;
}

}  // namespace

Result<Fit> trainGbdt(const TrainRequest& request, const Prepared& prepared, const TrainContext& context) {
  LGBM_RegisterLogCallback(dropLog);
  // Threads change no bit, and on few rows they cost more than they bring.
  const int threads = static_cast<int>(std::min<std::int64_t>(context.threads, 1 + request.train.rows / 20'000));
  const GbdtParameters parameters = gbdtParameters(request, prepared, threads);
  Labels labels;
  Labels validate_labels;
  OwnLoss own;
  std::vector<double> start;
  GbdtDataset train;
  GbdtDataset validate;
  {
    const PhaseClock clock(context, "dataset");
    CD4ML_TRY(labels, trainingLabels(request, prepared.classes));
    CD4ML_TRY_VOID(checkTargets(request, labels, "train"));
    const std::size_t classes = std::max<std::size_t>(2, prepared.classes.size());
    if (parameters.focal) own.train.emplace(labels, classes, parameters.positive_weight, threads);
    if (own.train) start = own.train->start();
    CD4ML_TRY(train, makeDataset(request, request.train, prepared, labels, start, parameters, nullptr, fastestBinning()));
    if (request.validate.rows > 0 && parameters.early_stop > 0) {
      CD4ML_TRY(validate_labels, validationLabels(request, prepared.classes));
      CD4ML_TRY_VOID(checkTargets(request, validate_labels, "validate"));
      if (own.train) own.validate.emplace(validate_labels, classes, parameters.positive_weight, threads);
      CD4ML_TRY(validate, makeDataset(request, request.validate, prepared, validate_labels, start, parameters, train.get(), fastestBinning()));
    }
  }
  const PhaseClock clock(context, "train");
  void* handle = nullptr;
  if (LGBM_BoosterCreate(train.get(), parameters.text.c_str(), &handle) != 0) return libraryFailed(request, "starting");
  const Booster booster(handle);
  if (validate && LGBM_BoosterAddValidData(handle, validate.get()) != 0) return libraryFailed(request, "taking the validation part");
  CD4ML_TRY(const Rounds rounds, boost(request, handle, own, parameters, context));
  // A forest without a single split is still a model: LightGBM then holds one constant tree an output.
  const std::uint64_t kept = rounds.best == 0 ? 1 : rounds.best;
  CD4ML_TRY(score::Forest forest, takeForest(request, handle, kept));
  for (std::size_t o = 0; o < start.size(); ++o) forest.base[o] = start[o];
  return Fit{.body = std::move(forest), .link = parameters.link, .iterations = rounds.done, .best_iteration = rounds.best,
             .gains = gainsOf(handle, prepared, kept)};
}

}  // namespace cd4ml::learn
