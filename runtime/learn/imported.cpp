// A forest that was trained elsewhere: LightGBM's text file, its features matched by name.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/learn/algorithms.h"
#include "runtime/score/forest_lightgbm.h"

namespace cd4ml::learn {

namespace {

/// The line `key=…` of the file's head.
std::string_view headLine(std::string_view text, std::string_view key) {
  const std::string_view head = text.substr(0, text.find("\n\n"));
  for (std::size_t at = 0; at < head.size();) {
    const std::size_t end = std::min(head.find('\n', at), head.size());
    const std::string_view line = head.substr(at, end - at);
    if (line.starts_with(key) && line.size() > key.size() && line[key.size()] == '=') return line.substr(key.size() + 1);
    at = end + 1;
  }
  return {};
}

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) out.emplace_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// Names of the model inputs: a vector feature `v` of width 2 is `v_0`, `v_1`, as it stands in written files.
std::vector<std::string> inputNames(const TrainRequest& request, const Prepared& prepared) {
  std::vector<std::string> names;
  for (std::size_t f = 0; f < prepared.inputs.size(); ++f) {
    const std::uint32_t width = prepared.inputs[f].width;
    const bool vector = prepared.inputs[f].kind == ir::Kind::Vector;
    for (std::uint32_t k = 0; k < width; ++k) names.push_back(vector ? fmt::format("{}_{}", request.names[f], k) : request.names[f]);
  }
  return names;
}

Error unfit(const TrainRequest& request, std::string what) { return makeError("CD5507", std::move(what), request.span); }

/// What the file's objective makes of raw scores; an error where that is another task than the target's.
Result<score::Link> linkOf(const TrainRequest& request, std::string_view objective) {
  const std::string word(objective.substr(0, objective.find(' ')));
  const bool sigmoid_one = objective.find("sigmoid:") == std::string_view::npos || objective.find("sigmoid:1") != std::string_view::npos;
  switch (request.task) {
    case ir::Task::Binary:
      if (word == "binary" && sigmoid_one) return score::Link::Sigmoid;
      break;
    case ir::Task::Multiclass:
      if (word == "multiclass") return score::Link::Softmax;
      break;
    case ir::Task::Regression:
      for (const std::string_view plain : {"regression", "regression_l1", "huber", "fair", "quantile", "mape"}) {
        if (word == plain) return score::Link::Identity;
      }
      for (const std::string_view log : {"poisson", "gamma", "tweedie"}) {
        if (word == log) return score::Link::Exp;
      }
      break;
  }
  return unfit(request, fmt::format("the file's objective is `{}`, the target's task is {}", objective, ir::taskText(request.task)));
}

/// Split features of the file → our model inputs.
Result<std::vector<std::uint32_t>> matchFeatures(const TrainRequest& request, const Prepared& prepared, std::string_view text) {
  const std::vector<std::string> ours = inputNames(request, prepared);
  std::map<std::string, std::uint32_t> place;
  for (std::uint32_t i = 0; i < ours.size(); ++i) place[ours[i]] = i;
  std::vector<std::uint32_t> inputs;
  std::vector<std::string> missing;
  for (const std::string& name : words(headLine(text, "feature_names"))) {
    const auto found = place.find(name);
    if (found == place.end()) missing.push_back(name);
    inputs.push_back(found == place.end() ? 0 : found->second);
  }
  if (missing.empty()) return inputs;
  Error error = unfit(request, fmt::format("the model takes `{}`, which the features do not have", fmt::join(missing, "`, `")));
  error.help.push_back(fmt::format("the features have `{}`", fmt::join(ours, "`, `")));
  return error;
}

}  // namespace

Result<Fit> takeImported(const TrainRequest& request, const Prepared& prepared, const TrainContext&) {
  const std::string& text = request.model_file;
  CD4ML_TRY(score::Forest forest, score::readLightgbm(text));
  CD4ML_TRY(const score::Link link, linkOf(request, headLine(text, "objective")));
  const std::size_t classes = request.task == ir::Task::Multiclass ? prepared.classes.size() : 1;
  if (forest.outputs != classes) return unfit(request, fmt::format("the model tells {} classes apart, the target has {}", forest.outputs, classes));
  CD4ML_TRY(const std::vector<std::uint32_t> inputs, matchFeatures(request, prepared, text));
  for (score::Tree& tree : forest.trees) {
    for (score::Split& split : tree.splits) {
      if (split.categorical) return unfit(request, "the model splits by categories, whose codes are another program's");
      if (split.feature >= inputs.size()) return unfit(request, "the model splits by a feature without a name");
      split.feature = inputs[split.feature];
    }
  }
  forest.features = static_cast<std::uint32_t>(inputNames(request, prepared).size());
  const std::uint64_t iterations = forest.trees.size() / forest.outputs;
  return Fit{.body = std::move(forest), .link = link, .iterations = iterations, .best_iteration = 0, .gains = {}};
}

}  // namespace cd4ml::learn
