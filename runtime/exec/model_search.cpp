#include "runtime/exec/model_search.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <numeric>
#include <thread>

#include <fmt/format.h>

#include "base/parallel.h"
#include "runtime/exec/clock.h"
#include "runtime/track/json.h"

namespace cd4ml::exec {

namespace {

using track::Json;

/// Calls `body(i, threads)` for each i below `count`, on as many threads as there are, which the calls share.
void inParallel(std::size_t count, int threads, const std::function<void(std::size_t, int)>& body) {
  const std::size_t workers = std::min(count, static_cast<std::size_t>(std::max(threads, 1)));
  const int each = std::max(1, threads / static_cast<int>(std::max<std::size_t>(workers, 1)));
  parallelFor(threads, count, [&](std::size_t i) { body(i, each); });
}

Json optionsJson(const plan::Trial& trial) {
  Json json = Json::object();
  for (const ir::Option& option : trial) json[option.name] = ir::literalText(option.value);
  return json;
}

Json valueJson(const std::optional<double>& value) { return value ? Json(*value) : Json(); }

/// Adds what a search found to a model's summary.
std::string withMember(const std::string& summary, const char* name, Json member) {
  Json json = track::parseJson(summary);
  json[name] = std::move(member);
  return json.dump();
}

}  // namespace

ModelSearch::ModelSearch(const ir::Pipeline& pipeline, ir::NodeId model, RunState& state, const RunnerConfig& config,
                         const Observer& observer, StageResult& stage)
    : pipeline_(pipeline), id_(model), model_(std::get<ir::Model>(pipeline[model].body)), state_(state), config_(config),
      observer_(observer), stage_(stage) {}

bool ModelSearch::finds(const ir::Model& model, std::uint32_t slot) {
  return model.tune.has_value() || !model.candidates.empty() || slot == 1 || plan::learnsFromFolds(model);
}

Result<std::vector<engine::SlotContent>> ModelSearch::run(const std::vector<std::uint32_t>& slots, int threads) {
  if (model_.tune) return tune(slots, threads);
  if (!model_.candidates.empty()) return choose(slots, threads);
  std::vector<engine::SlotContent> contents;
  for (const std::uint32_t slot : slots) {
    CD4ML_TRY(engine::SlotContent content, fold(slot, threads));
    contents.push_back(std::move(content));
  }
  return contents;
}

Error ModelSearch::failed(Error error, const std::string& what) const {
  error.message = fmt::format("{}: {}", what, error.message);
  return error;
}

void ModelSearch::tell(TrialOutcome trial) {
  if (observer_.tried) observer_.tried(id_, trial);
  stage_.trials.push_back(std::move(trial));
  if (observer_.progress) observer_.progress(id_, stage_.trials.size(), stage_.trials_in_all, "trials");
}

Result<ModelSearch::Judged> ModelSearch::judge(const ir::Pipeline& pipeline, ir::NodeId model, const ir::Objective& objective,
                                               int threads) const {
  const Stopwatch watch;
  ir::Pipeline judged = pipeline;
  const ir::NodeId evaluate = plan::addJudge(judged, model, objective);
  SubRun run(std::move(judged), state_, [&](ir::NodeId node) { return node == id_; }, config_);
  CD4ML_TRY(const engine::SlotContent content, run.bring({evaluate, 0}, threads));
  Judged out{.value = std::nullopt, .computed = run.computed(), .seconds = watch.seconds()};
  const Json metrics = track::parseJson(content.value).value("metrics", Json::array());
  if (!metrics.empty() && metrics[0].value("value", Json()).is_number()) out.value = metrics[0]["value"].get<double>();
  return out;
}

bool ModelSearch::isBetter(const Judged& a, const Judged& b, const ir::Objective& objective) {
  if (!a.value || !b.value) return a.value.has_value() && !b.value.has_value();
  return objective.maximize ? *a.value > *b.value : *a.value < *b.value;
}

/// Of equal ones the first.
Result<std::size_t> ModelSearch::bestOf(const std::vector<Judged>& judged, const ir::Objective& objective) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < judged.size(); ++i) {
    if (judged[i].value && (!best || isBetter(judged[i], judged[*best], objective))) best = i;
  }
  if (best) return *best;
  return makeError("CD5505", fmt::format("`{}` has no value on the validate part for any of the {} models that `{}` compares",
                                         objective.metric, judged.size(), pipeline_[id_].name));
}

Status ModelSearch::tryAll(const std::vector<plan::Trial>& trials, std::vector<Tried>& tried, int threads) {
  const ir::Objective& objective = model_.tune->objective;
  const std::size_t first = tried.size();
  for (const plan::Trial& trial : trials) tried.push_back({trial, {}});
  std::vector<std::optional<Error>> errors(trials.size());
  std::mutex mutex;
  std::atomic<bool> stop{false};
  inParallel(trials.size(), threads, [&](std::size_t t, int own_threads) {
    if (stop) return;
    Result<Judged> result = judge(plan::withTrial(pipeline_, id_, trials[t]), id_, objective, own_threads);
    const std::lock_guard lock(mutex);
    if (!result.ok()) {
      errors[t] = std::move(result).error();
      stop = true;
      return;
    }
    Judged& judged = tried[first + t].judged;
    judged = *result;
    tell({.number = first + t + 1, .options = optionsJson(trials[t]).dump(), .metric = objective.metric, .value = judged.value,
          .seconds = judged.seconds, .cached = !judged.computed});
  });
  for (std::size_t t = 0; t < trials.size(); ++t) {
    if (errors[t]) return failed(*std::move(errors[t]), fmt::format("trial {} ({})", first + t + 1, plan::trialText(trials[t])));
  }
  return Done{};
}

/// `asha`: the best of each rung go on to the next, with more trees; which they are is known when the rung is complete.
Result<std::size_t> ModelSearch::climb(std::vector<Tried>& tried, int threads) {
  std::vector<plan::Trial> left = plan::trialsOf(*model_.tune, model_.options);
  std::vector<plan::Rung> rungs = plan::rungsOf(*model_.tune, model_.options);
  for (plan::Rung& rung : rungs) rung.trials = std::min(rung.trials, static_cast<std::int64_t>(left.size()));
  for (const plan::Rung& rung : rungs) stage_.trials_in_all += static_cast<std::size_t>(rung.trials);
  std::size_t begin = 0;
  for (const plan::Rung& rung : rungs) {
    left.resize(static_cast<std::size_t>(rung.trials));
    begin = tried.size();
    std::vector<plan::Trial> grown;
    for (const plan::Trial& trial : left) grown.push_back(plan::onRung(trial, rung.trees));
    CD4ML_TRY_VOID(tryAll(grown, tried, threads));
    std::vector<std::size_t> order(left.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return isBetter(tried[begin + a].judged, tried[begin + b].judged, model_.tune->objective);
    });
    std::vector<plan::Trial> ranked;
    for (const std::size_t place : order) ranked.push_back(left[place]);
    left = std::move(ranked);
  }
  return begin;
}

Result<std::size_t> ModelSearch::search(std::vector<Tried>& tried, int threads) {
  const ir::Tune& tune = *model_.tune;
  if (tune.method == "asha") return climb(tried, threads);
  if (tune.method == "tpe") {
    stage_.trials_in_all = static_cast<std::size_t>(plan::trialsWanted(tune));
    for (;;) {
      std::vector<plan::Fared> before;
      for (const Tried& each : tried) before.push_back({each.trial, each.judged.value});
      const std::vector<plan::Trial> batch = plan::nextOfTpe(tune, model_.options, before);
      if (batch.empty()) return std::size_t{0};
      CD4ML_TRY_VOID(tryAll(batch, tried, threads));
    }
  }
  const std::vector<plan::Trial> trials = plan::trialsOf(tune, model_.options);
  stage_.trials_in_all = trials.size();
  CD4ML_TRY_VOID(tryAll(trials, tried, threads));
  return std::size_t{0};
}

Result<std::vector<engine::SlotContent>> ModelSearch::tune(const std::vector<std::uint32_t>& slots, int threads) {
  const ir::Objective& objective = model_.tune->objective;
  std::vector<Tried> tried;
  CD4ML_TRY(const std::size_t begin, search(tried, threads));
  std::vector<Judged> finals;
  for (std::size_t t = begin; t < tried.size(); ++t) finals.push_back(tried[t].judged);
  CD4ML_TRY(std::size_t best, bestOf(finals, objective));
  best += begin;
  SubRun winner(plan::withTrial(pipeline_, id_, tried[best].trial), state_, [&](ir::NodeId node) { return node == id_; }, config_);
  std::vector<engine::SlotContent> contents;
  for (const std::uint32_t slot : slots) {
    CD4ML_TRY(engine::SlotContent content, winner.bring({id_, slot}, threads));
    if (slot == 0) {
      Json found{{"method", model_.tune->method}, {"metric", objective.metric}, {"goal", objective.maximize ? "maximize" : "minimize"},
                 {"best", best + 1}, {"trials", Json::array()}};
      for (std::size_t t = 0; t < tried.size(); ++t) {
        found["trials"].push_back({{"trial", t + 1}, {"options", optionsJson(tried[t].trial)}, {"value", valueJson(tried[t].judged.value)}});
      }
      content.value = withMember(content.value, "search", std::move(found));
    }
    contents.push_back(std::move(content));
  }
  return contents;
}

Result<std::vector<engine::SlotContent>> ModelSearch::choose(const std::vector<std::uint32_t>& slots, int threads) {
  std::vector<Judged> judged;
  for (const ir::NodeId candidate : model_.candidates) {
    CD4ML_TRY(const Judged result, judge(pipeline_, candidate, *model_.objective, threads));
    judged.push_back(result);
  }
  CD4ML_TRY(const std::size_t best, bestOf(judged, *model_.objective));
  SubRun winner(pipeline_, state_, [&](ir::NodeId node) { return node == id_; }, config_);
  std::vector<engine::SlotContent> contents;
  for (const std::uint32_t slot : slots) {
    CD4ML_TRY(engine::SlotContent content, winner.bring({model_.candidates[best], slot}, threads));
    // Which one it is tells how the content is scored.
    content.parts = {Hasher("cd4ml choice").u64(best).finish()};
    if (slot == 0) {
      Json choice{{"metric", model_.objective->metric}, {"goal", model_.objective->maximize ? "maximize" : "minimize"},
                  {"chosen", best}, {"candidates", Json::array()}};
      for (std::size_t c = 0; c < judged.size(); ++c) {
        choice["candidates"].push_back({{"name", pipeline_[model_.candidates[c]].name}, {"value", valueJson(judged[c].value)}});
      }
      content.value = withMember(content.value, "choice", std::move(choice));
    }
    contents.push_back(std::move(content));
  }
  return contents;
}

Result<ModelSearch::Folds> ModelSearch::runFolds(int threads) const {
  const ir::NodeId split = std::get<ir::Features>(pipeline_[model_.features].body).split;
  const auto count = static_cast<std::size_t>(std::get<ir::Split>(pipeline_[split].body).folds);
  Folds folds;
  folds.runs.resize(count);
  std::vector<std::optional<Error>> errors(count);
  folds.best.resize(count);
  std::mutex mutex;
  std::size_t done = 0;
  inParallel(count, threads, [&](std::size_t k, int own_threads) {
    const auto fold = static_cast<std::int32_t>(k);
    folds.runs[k] = std::make_unique<SubRun>(plan::withFold(pipeline_, id_, fold), state_,
                                             [&](ir::NodeId node) { return plan::dependsOnFold(pipeline_, split, node); }, config_);
    Result<engine::SlotContent> content = folds.runs[k]->bring({id_, 0}, own_threads);
    const std::lock_guard lock(mutex);
    if (!content.ok()) {
      errors[k] = std::move(content).error();
      return;
    }
    folds.best[k] = track::parseJson(content->value).value("best_iteration", std::int64_t{0});
    if (observer_.progress) observer_.progress(id_, ++done, count, "folds");
  });
  for (std::size_t k = 0; k < count; ++k) {
    if (errors[k]) return failed(*std::move(errors[k]), fmt::format("fold {} of {}", k + 1, count));
  }
  return folds;
}

Result<engine::SlotContent> ModelSearch::fold(std::uint32_t slot, int threads) {
  CD4ML_TRY(Folds folds, runFolds(threads));
  if (slot == 1) {
    std::vector<engine::Known> known;
    for (const auto& run : folds.runs) known.push_back(run->state().snapshot());
    engine::TaskContext context;
    context.threads = threads;
    context.cancelled = config_.cancelled;
    CD4ML_TRY(engine::Engine * engine, config_.engine());
    return engine->poolFolds(known, id_, context);
  }
  const plan::Trial rounds = plan::withoutEarlyStop(model_.options, folds.best);
  SubRun whole(plan::withTrial(pipeline_, id_, rounds), state_, [&](ir::NodeId node) { return node == id_; }, config_);
  CD4ML_TRY(engine::SlotContent content, whole.bring({id_, 0}, threads));
  content.value = withMember(content.value, "fold_iterations", Json(folds.best));
  return content;
}

}  // namespace cd4ml::exec
