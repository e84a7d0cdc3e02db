#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "compiler/opt/feature_order.h"
#include "runtime/data/key_index.h"
#include "runtime/engine/evaluate_rows.h"
#include "runtime/engine/model_run.h"
#include "runtime/engine/model_train.h"
#include "runtime/engine/out_of_fold.h"
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

/// The text of an imported model's file: a stage has made it, or it lies beside the pipeline. Empty for any other model.
Result<std::string> fetchModelFile(Run& run, ir::NodeId id) {
  const auto& model = std::get<ir::Model>(run.node(id).body);
  if (model.file.empty()) return std::string();
  if (model.file_stage.valid()) {
    const auto& outputs = std::get<ir::Stage>(run.node(model.file_stage).body).outputs;
    const auto found = std::find_if(outputs.begin(), outputs.end(), [&](const ir::Stage::Output& each) { return each.name == model.file; });
    CD4ML_CHECK(found != outputs.end());
    return fetchBytes(run, {model.file_stage, static_cast<std::uint32_t>(found - outputs.begin())});
  }
  const std::string& path = run.known.files.at(id).at(0).path;
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return makeError("CD5002", fmt::format("cannot read the model file {}", path), run.node(id).name_span);
  return std::move(text).str();
}

/// Options of a search that is over, as its result names them: to train the winner again where its bytes are gone.
void takeOptions(const Run& run, ir::NodeId id, std::vector<ir::Option>& options) {
  const auto& model = std::get<ir::Model>(run.node(id).body);
  const auto known = run.known.slots.find({id, 0});
  if (known == run.known.slots.end()) return;
  const nlohmann::json value = nlohmann::json::parse(known->second.value, nullptr, false);
  if (value.is_discarded()) return;
  nlohmann::json set = nlohmann::json::object();
  if (model.tune && value.contains("search")) set = value["search"]["trials"][value["search"]["best"].get<std::size_t>() - 1]["options"];
  if (value.contains("fold_iterations")) {
    set["trees"] = fmt::format("{}", value["iterations"].get<std::int64_t>());
    set["early_stop"] = "0";
  }
  for (ir::Option& option : options) {
    if (!set.contains(option.name)) continue;
    const std::string text = set[option.name].get<std::string>();
    if (auto* whole = std::get_if<std::int64_t>(&option.value.value)) (void)std::from_chars(text.data(), text.data() + text.size(), *whole);
    else if (auto* real = std::get_if<double>(&option.value.value)) (void)std::from_chars(text.data(), text.data() + text.size(), *real);
    else if (auto* words = std::get_if<std::string>(&option.value.value)) *words = nlohmann::json::parse(text, nullptr, false).get<std::string>();
  }
}

/// `monotone` lists the features as they are written; the trainer takes them in the model's order.
void putSignsInOrder(const Slots& order, std::vector<ir::Option>& options) {
  for (ir::Option& option : options) {
    auto* signs = std::get_if<ir::Literal::List>(&option.value.value);
    if (option.name != "monotone" || signs == nullptr || signs->empty()) continue;
    ir::Literal::List ordered;
    for (const std::uint32_t slot : order) ordered.push_back(signs->at(slot));
    *signs = std::move(ordered);
  }
}

}  // namespace

ir::NodeId servedModel(const Run& run, ir::NodeId id) {
  const auto* model = &std::get<ir::Model>(run.node(id).body);
  while (!model->candidates.empty()) {
    const auto known = run.known.slots.find({id, 0});
    CD4ML_CHECK(known != run.known.slots.end());
    const nlohmann::json value = nlohmann::json::parse(known->second.value, nullptr, false);
    id = model->candidates.at(value["choice"]["chosen"].get<std::size_t>());
    model = &std::get<ir::Model>(run.node(id).body);
  }
  return id;
}

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

Result<learn::Trained> trainPlain(Run& run, const learn::TrainRequest& whole) {
  learn::TrainRequest request = whole;
  learn::dropUnlabelled(request.train);
  if (request.validate.rows > 0) learn::dropUnlabelled(request.validate);
  return learn::train(request, trainContext(run));
}

Result<std::vector<SlotContent>> runModel(Run& run, ir::NodeId id, const Slots& slots) {
  const ir::Node& node = run.node(id);
  const auto& model = std::get<ir::Model>(node.body);
  if (!model.candidates.empty()) {
    CD4ML_TRY(const std::string bytes, fetchModel(run, servedModel(run, id)));
    run.artifacts.keepBytes(run.known.slots.at({id, 0}).content, bytes);
    return std::vector<SlotContent>(slots.size(), run.known.slots.at({id, 0}));
  }
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
  takeOptions(run, id, request.options);
  CD4ML_TRY(request.model_file, fetchModelFile(run, id));
  request.span = node.name_span;
  for (const std::uint32_t slot : order) request.names.push_back(features_node.columns[slot].name);
  putSignsInOrder(order, request.options);
  request.train = takePart(columns, order.size(), features.target.valid(), features.weight.valid(), 0);
  if (const auto validate = partIndex(run, model.features, ir::Part::Validate)) {
    request.validate = takePart(columns, order.size(), features.target.valid(), features.weight.valid(), *validate);
  }
  CD4ML_TRY(const learn::Trained trained, model.per.empty() ? trainPlain(run, request) : trainPerKey(run, id, request));
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

Result<Predicted> predictPart(Run& run, ir::NodeId wanted, ir::Part part) {
  if (isOutOfFold(run, wanted, part)) return fetchOutOfFold(run, wanted);
  const ir::NodeId id = servedModel(run, wanted);
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
  decoded.threshold = model.threshold.value_or(0.5);
  std::vector<data::Column> keys;
  if (!model.per.empty()) {
    CD4ML_TRY(keys, fetchColumns(run, std::get<ir::Features>(run.node(model.features).body).from, model.per));
    CD4ML_TRY(const features::RowSet set, evaluatedRows(run, model.features, part));
    for (data::Column& key : keys) key = takeRows(key, set);
  }
  Predicted out;
  out.model.task = decoded.task;
  out.model.target = decoded.target;
  out.model.classes = decoded.classes;
  const score::Predictor predictor(std::move(decoded));
  const Stopwatch watch;
  std::vector<score::ColumnView> views = learn::featureViews(features);
  for (const data::Column& key : keys) views.push_back(key.view());
  out.predictions = predictor.predict(views, rows, run.threads());
  if (!out.predictions.unknown.empty()) {
    std::vector<std::string> names;
    for (const std::uint32_t slot : model.per) names.push_back(run.node(std::get<ir::Features>(run.node(model.features).body).from).columns[slot].name);
    Error error = makeError("CD5506", fmt::format("there is no model for {}, which {} row(s) of the {} part have",
                                                  data::keyText(keys, names, out.predictions.unknown[0]), out.predictions.unknown.size(), ir::partText(part)),
                            run.node(id).name_span);
    error.help.emplace_back("add `fallback global`: such keys then use a model of all rows");
    return error;
  }
  run.phase("predict", watch.seconds());
  out.columns = evaluate::predictionColumns(out.predictions, out.model.task, out.model.target, out.model.classes);
  return out;
}

}  // namespace cd4ml::engine
