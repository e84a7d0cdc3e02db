#include "runtime/learn/gbdt_parameters.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "runtime/learn/options.h"

namespace cd4ml::learn {

namespace {

/// A loss of regression: LightGBM's objective, which is also the metric that stops the training, and the link.
struct Loss {
  std::string_view name;
  std::string_view objective;
  score::Link link;
};

constexpr std::array losses{
    Loss{"squared", "regression", score::Link::Identity}, Loss{"absolute", "regression_l1", score::Link::Identity},
    Loss{"huber", "huber", score::Link::Identity},        Loss{"pinball", "quantile", score::Link::Identity},
    Loss{"poisson", "poisson", score::Link::Exp},         Loss{"gamma", "gamma", score::Link::Exp},
    Loss{"tweedie", "tweedie", score::Link::Exp},
};

const Loss& lossOf(const Options& options) {
  const std::string name = options.maybeText("loss").value_or("squared");
  for (const Loss& loss : losses) {
    if (loss.name == name) return loss;
  }
  CD4ML_UNREACHABLE("a loss that the checker let through and gbdt does not know");
}

/// Inputs that hold category codes.
std::string categoryList(const Prepared& prepared) {
  std::string list;
  std::uint32_t input = 0;
  for (const score::FeatureInput& feature : prepared.inputs) {
    if (feature.kind == ir::Kind::Category) list += (list.empty() ? "" : ",") + std::to_string(input);
    input += feature.width;
  }
  return list;
}

bool isFocal(const Options& options) { return options.maybeText("loss") == "focal"; }

/// 1 rises, -1 falls, 0 is free: one an input; empty where all are free.
std::string monotoneList(const TrainRequest& request, const Prepared& prepared) {
  const auto option = std::find_if(request.options.begin(), request.options.end(), [](const ir::Option& o) { return o.name == "monotone"; });
  const auto* signs = option == request.options.end() ? nullptr : std::get_if<ir::Literal::List>(&option->value.value);
  if (signs == nullptr || signs->empty()) return {};
  CD4ML_CHECK(signs->size() == prepared.inputs.size());
  std::string list;
  for (std::size_t f = 0; f < signs->size(); ++f) {
    for (std::uint32_t k = 0; k < prepared.inputs[f].width; ++k) {
      list += fmt::format("{}{}", list.empty() ? "" : ",", std::get<std::int64_t>((*signs)[f].value));
    }
  }
  return list;
}

std::string objectiveText(const TrainRequest& request, const Prepared& prepared, const Options& options, score::Link& link) {
  if (isFocal(options)) {
    link = request.task == ir::Task::Binary ? score::Link::Sigmoid : score::Link::Softmax;
    return request.task == ir::Task::Binary ? "objective=custom metric=none" : fmt::format("objective=custom metric=none num_class={}", prepared.classes.size());
  }
  switch (request.task) {
    case ir::Task::Binary:
      link = score::Link::Sigmoid;
      return fmt::format("objective=binary metric=binary_logloss scale_pos_weight={}", options.number("positive_weight"));
    case ir::Task::Multiclass:
      link = score::Link::Softmax;
      return fmt::format("objective=multiclass metric=multi_logloss num_class={}", prepared.classes.size());
    case ir::Task::Regression: break;
  }
  const Loss& loss = lossOf(options);
  link = loss.link;
  std::string text = fmt::format("objective={0} metric={0}", loss.objective);
  if (loss.name == "pinball") text += fmt::format(" alpha={}", options.maybeNumber("quantile").value_or(0.5));
  return text;
}

}  // namespace

GbdtParameters gbdtParameters(const TrainRequest& request, const Prepared& prepared, int threads) {
  const Options options(request.options);
  GbdtParameters out{.text = {}, .link = score::Link::Identity,
                     .trees = static_cast<std::uint64_t>(options.integer("trees")),
                     .early_stop = static_cast<std::uint64_t>(options.integer("early_stop")),
                     .threads = threads,
                     .focal = isFocal(options),
                     .positive_weight = options.number("positive_weight")};
  const std::int64_t depth = options.integer("depth");
  out.text = objectiveText(request, prepared, options, out.link);
  out.text += fmt::format(" boosting=gbdt num_iterations={} max_depth={} num_leaves={} learning_rate={} min_data_in_leaf={}"
                          " feature_fraction={} max_bin={} lambda_l1={} lambda_l2={} min_gain_to_split={} seed={}",
                          out.trees, depth == 0 ? -1 : depth, options.integer("leaves"), options.number("learning_rate"),
                          options.integer("min_rows"), options.number("column_share"), options.integer("bins"), options.number("l1"),
                          options.number("l2"), options.number("min_gain"), options.integer("seed"));
  if (const double share = options.number("row_share"); share < 1) out.text += fmt::format(" bagging_fraction={} bagging_freq=1", share);
  if (const std::string categories = categoryList(prepared); !categories.empty()) out.text += " categorical_feature=" + categories;
  if (const std::string signs = monotoneList(request, prepared); !signs.empty()) out.text += " monotone_constraints=" + signs;
  out.text += fmt::format(" deterministic=true force_row_wise=true verbosity=-1 num_threads={}", threads);
  return out;
}

}  // namespace cd4ml::learn
