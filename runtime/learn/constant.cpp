// `constant`: the mean target, or the share of each class, for every row.
#include <cmath>

#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"
#include "runtime/score/sum.h"

namespace cd4ml::learn {

namespace {

/// Shares of 0 have no logarithm; a class without rows gets what half a row would.
double safeShare(double share, double total) { return std::max(share, 0.5 / total); }

}  // namespace

Result<Fit> trainConstant(const TrainRequest& request, const Prepared& prepared, const TrainContext& /*context*/) {
  CD4ML_TRY(const Labels labels, trainingLabels(request, prepared.classes));
  const std::size_t rows = labels.target.size();
  const auto weight = [&](std::size_t i) { return labels.weight.empty() ? 1.0 : labels.weight[i]; };
  const double total = score::sumOf(rows, weight);
  const auto mean_where = [&](auto&& value) { return score::sumOf(rows, [&](std::size_t i) { return weight(i) * value(labels.target[i]); }) / total; };
  Fit fit{.body = score::Linear{}, .link = score::Link::Identity};
  auto& body = std::get<score::Linear>(fit.body);
  for (const score::FeatureInput& input : prepared.inputs) body.inputs += input.width;
  switch (request.task) {
    case ir::Task::Regression: body.intercept = {mean_where([](double y) { return y; })}; break;
    case ir::Task::Binary: {
      const double share = mean_where([](double y) { return y; });
      body.intercept = {std::log(safeShare(share, total) / safeShare(1 - share, total))};
      fit.link = score::Link::Sigmoid;
      break;
    }
    case ir::Task::Multiclass:
      for (std::size_t c = 0; c < prepared.classes.size(); ++c) {
        const double share = mean_where([c](double y) { return y == static_cast<double>(c) ? 1.0 : 0.0; });
        body.intercept.push_back(std::log(safeShare(share, total)));
      }
      fit.link = score::Link::Softmax;
      break;
  }
  body.weights.assign(static_cast<std::size_t>(body.inputs) * body.intercept.size(), 0.0);
  fit.iterations = fit.best_iteration = 1;
  return fit;
}

}  // namespace cd4ml::learn
