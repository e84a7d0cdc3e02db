#include <fmt/format.h>

#include "compiler/opt/feature_order.h"
#include "runtime/engine/model_run.h"
#include "runtime/evaluate/evaluate.h"
#include "runtime/learn/trainer.h"

namespace cd4ml::engine {

namespace {

const ir::Split* splitOf(const Run& run, ir::NodeId features) {
  const ir::NodeId split = std::get<ir::Features>(run.node(features).body).split;
  return split.valid() ? &std::get<ir::Split>(run.node(split).body) : nullptr;
}

/// One part of columns that hold all parts.
learn::TrainingPart takePart(const std::vector<std::vector<data::Column>>& columns, std::size_t features,
                             bool has_target, bool has_weight, std::size_t part) {
  learn::TrainingPart out;
  out.rows = columns[0][part].rows;
  for (std::size_t f = 0; f < features; ++f) out.features.push_back(columns[f][part]);
  if (has_target) out.target = columns[features][part];
  if (has_weight) out.weight = columns[features + 1][part];
  return out;
}

learn::TrainContext trainContext(const Run& run) {
  learn::TrainContext context;
  context.threads = run.threads();
  context.progress = run.task.progress;
  context.phase = run.task.phase;
  context.cancelled = run.task.cancelled;
  return context;
}

}  // namespace

Slots modelFeatures(const Run& run, ir::NodeId model) {
  return opt::featureOrder(run.pipeline(), std::get<ir::Model>(run.node(model).body).features);
}

std::optional<std::size_t> partIndex(const Run& run, ir::NodeId features, ir::Part part) {
  const ir::Split* split = splitOf(run, features);
  if (split == nullptr) return part == ir::Part::Train ? std::optional<std::size_t>(0) : std::nullopt;
  for (std::size_t p = 0; p < split->shares.size(); ++p) {
    if (split->shares[p].part == part) return p;
  }
  return std::nullopt;
}

Result<std::vector<SlotContent>> runModel(Run& run, ir::NodeId id, const Slots& slots) {
  const ir::Node& node = run.node(id);
  const auto& model = std::get<ir::Model>(node.body);
  const ir::Node& features_node = run.node(model.features);
  const auto& features = std::get<ir::Features>(features_node.body);
  const Slots order = modelFeatures(run, id);
  Slots wanted = order;
  const auto target = static_cast<std::uint32_t>(features.features.size());
  if (features.target.valid()) wanted.push_back(target);
  if (features.weight.valid()) wanted.push_back(target + (features.target.valid() ? 1 : 0));
  CD4ML_TRY(const auto columns, fetchParts(run, model.features, wanted));
  learn::TrainRequest request;
  request.algorithm = model.algorithm;
  request.task = model.task;
  request.target_type = model.target_type;
  request.options = model.options;
  request.span = node.name_span;
  for (const std::uint32_t slot : order) request.names.push_back(features_node.columns[slot].name);
  request.train = takePart(columns, order.size(), features.target.valid(), features.weight.valid(), 0);
  if (const auto validate = partIndex(run, model.features, ir::Part::Validate)) {
    request.validate = takePart(columns, order.size(), features.target.valid(), features.weight.valid(), *validate);
  }
  learn::dropUnlabelled(request.train);
  if (request.validate.rows > 0) learn::dropUnlabelled(request.validate);
  CD4ML_TRY(const learn::Trained trained, learn::train(request, trainContext(run)));
  std::string bytes = score::encodeModel(trained.model);
  SlotContent content;
  content.content = score::contentId(trained.model);
  content.rows = static_cast<std::uint64_t>(request.train.rows);
  content.bytes = bytes.size();
  content.value = trained.summary;
  content.stored = run.config.cas != nullptr;
  CD4ML_TRY_VOID(run.artifacts.storeBytes(content.content, bytes));
  run.artifacts.keepBytes(content.content, std::move(bytes));
  return std::vector<SlotContent>(slots.size(), content);
}

Result<Predicted> predictPart(Run& run, ir::NodeId id, ir::Part part) {
  const auto& model = std::get<ir::Model>(run.node(id).body);
  const auto index = partIndex(run, model.features, part);
  if (!index) {
    return makeError("CD5019", fmt::format("`{}` has no part `{}`", run.node(model.features).name, ir::partText(part)),
                     run.node(id).name_span);
  }
  CD4ML_TRY(const std::string bytes, fetchModel(run, id));
  CD4ML_TRY(score::Model decoded, score::decodeModel(bytes));
  CD4ML_TRY(const auto columns, fetchParts(run, model.features, modelFeatures(run, id)));
  std::vector<data::Column> features;
  for (const auto& parts : columns) features.push_back(parts[*index]);
  const std::int64_t rows = features.empty() ? 0 : features[0].rows;
  Predicted out;
  out.model.task = decoded.task;
  out.model.target = decoded.target;
  out.model.classes = decoded.classes;
  const score::Predictor predictor(std::move(decoded));
  const Stopwatch watch;
  out.predictions = predictor.predict(learn::featureViews(features), rows, run.threads());
  run.phase("predict", watch.seconds());
  out.columns = evaluate::predictionColumns(out.predictions, out.model.task, out.model.target, out.model.classes);
  return out;
}

}  // namespace cd4ml::engine
