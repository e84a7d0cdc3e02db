#include "compiler/plan/variants.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "compiler/plan/trial_values.h"

namespace cd4ml::plan {

namespace {

std::vector<ir::Literal> gridOf(const ir::Tune::Range& range, std::int64_t points) {
  if (range.is_list) return range.values;
  std::vector<ir::Literal> values;
  for (std::int64_t i = 0; i < points; ++i) {
    const double share = points == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(points - 1);
    ir::Literal value = valueAt(range, share);
    if (values.empty() || ir::literalText(values.back()) != ir::literalText(value)) values.push_back(std::move(value));
  }
  return values;
}

std::vector<Trial> gridTrials(const ir::Tune& tune) {
  const std::int64_t points = optionOf(tune.options, "points", 5);
  std::vector<Trial> trials(1);
  for (const ir::Tune::Range& range : tune.ranges) {
    std::vector<Trial> longer;
    for (const Trial& trial : trials) {
      for (const ir::Literal& value : gridOf(range, points)) {
        longer.push_back(trial);
        longer.back().push_back({.name = range.option, .value = value, .span = {}});
      }
    }
    trials = std::move(longer);
  }
  return trials;
}

std::vector<Trial> randomTrials(const ir::Tune& tune, const std::vector<ir::Option>& written) {
  const std::int64_t count = trialsWanted(tune);
  std::vector<Trial> trials;
  for (std::int64_t t = 0; t < count; ++t) trials.push_back(drawTrial(tune, written, t));
  return trials;
}

ir::Split& splitOf(ir::Pipeline& pipeline, ir::NodeId model) {
  const ir::NodeId features = std::get<ir::Model>(pipeline[model].body).features;
  const ir::NodeId split = std::get<ir::Features>(pipeline[features].body).split;
  return std::get<ir::Split>(pipeline.nodes[split.index].body);
}

}  // namespace

std::int64_t trialsWanted(const ir::Tune& tune) { return optionOf(tune.options, "trials", 20); }

Trial drawTrial(const ir::Tune& tune, const std::vector<ir::Option>& written, std::int64_t number) {
  const std::int64_t seed = optionOf(tune.options, "seed", 0);
  Trial trial;
  for (const ir::Tune::Range& range : tune.ranges) {
    ir::Literal value = drawValue(range, drawOf(seed, number, range.option));
    if (number == 0) {
      const auto as_written = std::find_if(written.begin(), written.end(), [&](const ir::Option& o) { return o.name == range.option; });
      CD4ML_CHECK(as_written != written.end());
      value = as_written->value;
    }
    trial.push_back({.name = range.option, .value = std::move(value), .span = {}});
  }
  return trial;
}

std::vector<Rung> rungsOf(const ir::Tune& tune, const std::vector<ir::Option>& written) {
  const std::int64_t full = optionOf(written, "trees", 1);
  const std::int64_t factor = optionOf(tune.options, "factor", 3);
  std::int64_t left = trialsWanted(tune);
  std::int64_t trees = optionOf(tune.options, "start", 0);
  if (trees == 0) {
    // As many halvings as the trials last for, the last of them with all trees.
    trees = full;
    for (std::int64_t rest = left; rest >= factor && trees > 1; rest /= factor) trees = std::max<std::int64_t>(1, trees / factor);
  }
  std::vector<Rung> rungs;
  while (trees < full && left > 1) {
    rungs.push_back({.trees = trees, .trials = left});
    left = std::max<std::int64_t>(1, left / factor);
    trees = std::min(full, trees * factor);
  }
  rungs.push_back({.trees = full, .trials = left});
  return rungs;
}

Trial onRung(const Trial& trial, std::int64_t trees) {
  Trial grown = trial;
  const auto place = std::find_if(grown.begin(), grown.end(), [](const ir::Option& option) { return option.name > "trees"; });
  grown.insert(place, {.name = "trees", .value = {trees}, .span = {}});
  return grown;
}

std::vector<Trial> trialsOf(const ir::Tune& tune, const std::vector<ir::Option>& written) {
  std::vector<Trial> trials = tune.method == "grid" ? gridTrials(tune) : randomTrials(tune, written);
  std::set<std::string> seen;
  std::erase_if(trials, [&](const Trial& trial) { return !seen.insert(trialText(trial)).second; });
  return trials;
}

std::string trialText(const Trial& trial) {
  std::string text;
  for (const ir::Option& option : trial) text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", option.name, ir::literalText(option.value));
  return text;
}

ir::Pipeline withTrial(const ir::Pipeline& pipeline, ir::NodeId id, const Trial& trial) {
  ir::Pipeline variant = pipeline;
  auto& model = std::get<ir::Model>(variant.nodes[id.index].body);
  model.tune.reset();
  for (const ir::Option& set : trial) {
    const auto option = std::find_if(model.options.begin(), model.options.end(), [&](const ir::Option& o) { return o.name == set.name; });
    CD4ML_CHECK(option != model.options.end());
    option->value = set.value;
  }
  return variant;
}

ir::Pipeline withFold(const ir::Pipeline& pipeline, ir::NodeId id, std::int32_t fold) {
  ir::Pipeline variant = pipeline;
  ir::Split& split = splitOf(variant, id);
  CD4ML_CHECK(split.folds > fold && split.fold < 0);
  split.fold = fold;
  split.shares.insert(split.shares.begin() + 1, ir::Split::Share{.part = ir::Part::Validate});
  std::get<ir::Model>(variant.nodes[id.index].body).folds = false;
  return variant;
}

bool dependsOnFold(const ir::Pipeline& pipeline, ir::NodeId split, ir::NodeId id) {
  if (id == split) return true;
  const ir::Node& node = pipeline[id];
  if (const auto* features = std::get_if<ir::Features>(&node.body)) return features->split == split;
  if (const auto* model = std::get_if<ir::Model>(&node.body)) return model->features.valid() && dependsOnFold(pipeline, split, model->features);
  if (const auto* evaluate = std::get_if<ir::Evaluate>(&node.body)) return dependsOnFold(pipeline, split, evaluate->model);
  return false;
}

ir::NodeId addJudge(ir::Pipeline& pipeline, ir::NodeId model, const ir::Objective& objective) {
  ir::Evaluate judge;
  judge.model = model;
  judge.part = ir::Part::Validate;
  judge.in_sample = true;
  ir::Metric metric;
  metric.metric = objective.metric;
  metric.options = objective.options;
  metric.name = objective.metric;
  judge.metrics.push_back(std::move(metric));
  ir::Node node;
  node.name = fmt::format("{} on validate", pipeline[model].name);
  node.span = pipeline[model].span;
  node.name_span = pipeline[model].name_span;
  node.body = std::move(judge);
  pipeline.nodes.push_back(std::move(node));
  return {static_cast<std::uint32_t>(pipeline.nodes.size() - 1)};
}

Trial withoutEarlyStop(const std::vector<ir::Option>& written, std::vector<std::int64_t> best) {
  CD4ML_CHECK(!best.empty());
  std::sort(best.begin(), best.end());
  const std::size_t middle = best.size() / 2;
  const std::int64_t rounds = best.size() % 2 == 1 ? best[middle] : (best[middle - 1] + best[middle] + 1) / 2;
  Trial set;
  for (const ir::Option& option : written) {
    if (option.name == "early_stop") set.push_back({.name = option.name, .value = {std::int64_t{0}}, .span = {}});
    if (option.name == "trees") set.push_back({.name = option.name, .value = {std::max<std::int64_t>(1, rounds)}, .span = {}});
  }
  return set;
}

}  // namespace cd4ml::plan
