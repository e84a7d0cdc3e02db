// Models: algorithm, options, and the train and validate parts of what it learns from. Not the test part.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/opt/feature_order.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/versions.h"
#include "compiler/plan/define.h"
#include "compiler/plan/variants.h"

namespace cd4ml::plan {

namespace {

/// Options that cannot change the model: a seed of what draws nothing, a limit that fails rather than cuts short.
bool decides(const ir::Model& model, const ir::Option& option) {
  if (option.name == "max_time") return false;
  return option.name != "seed" || model.algorithm == "gbdt" || model.algorithm == "random_forest";
}

std::vector<ir::Option> decidingOptions(const ir::Model& model) {
  std::vector<ir::Option> options;
  std::copy_if(model.options.begin(), model.options.end(), std::back_inserter(options),
               [&](const ir::Option& option) { return decides(model, option); });
  std::sort(options.begin(), options.end(), [](const ir::Option& a, const ir::Option& b) { return a.name < b.name; });
  return options;
}

}  // namespace

std::vector<ir::SlotRef> modelInputs(const DefineContext& context, ir::NodeId node) {
  const auto& features = std::get<ir::Features>(context.pipeline[node].body);
  std::vector<ir::SlotRef> slots;
  for (const std::uint32_t slot : opt::featureOrder(context.pipeline, context.hashes, node)) slots.push_back({node, slot});
  auto next = static_cast<std::uint32_t>(features.features.size());
  if (features.target.valid()) slots.push_back({node, next++});
  if (features.weight.valid()) slots.push_back({node, next});
  return slots;
}

std::optional<std::size_t> partIndex(const ir::Pipeline& pipeline, ir::NodeId node, ir::Part part) {
  const auto& features = std::get<ir::Features>(pipeline[node].body);
  if (!features.split.valid()) return part == ir::Part::Train ? std::optional<std::size_t>(0) : std::nullopt;
  const auto& split = std::get<ir::Split>(pipeline[features.split].body);
  for (std::size_t i = 0; i < split.shares.size(); ++i) {
    if (split.shares[i].part == part) return i;
  }
  return std::nullopt;
}

namespace {

/// `monotone` lists the features as they are written; in a key they stand in the model's order.
ir::Literal inModelOrder(const DefineContext& context, const ir::Model& model, const ir::Option& option) {
  const auto* signs = std::get_if<ir::Literal::List>(&option.value.value);
  if (option.name != "monotone" || signs == nullptr || signs->empty()) return option.value;
  ir::Literal::List ordered;
  for (const std::uint32_t slot : opt::featureOrder(context.pipeline, context.hashes, model.features)) ordered.push_back(signs->at(slot));
  return {std::move(ordered)};
}

/// Algorithm, options, and the parts it learns from.
void encodeTraining(Hasher& hasher, const DefineContext& context, const ir::Model& model) {
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  hasher.string(model.algorithm).string(opt::versionOf(opt::Versioned::Trainer, model.algorithm));
  if (model.file_stage.valid()) {
    // (The bytes of a file of its own are in the key, as those of a source are.)
    const auto& outputs = std::get<ir::Stage>(context.pipeline[model.file_stage].body).outputs;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i].name == model.file) hasher.digest(context.leaves.slot({model.file_stage, i}));
    }
  }
  hasher.u8(static_cast<std::uint8_t>(model.task));
  opt::encode(hasher, model.target_type);
  const std::vector<ir::Option> options = decidingOptions(model);
  hasher.u64(options.size());
  for (const ir::Option& option : options) {
    hasher.string(option.name);
    opt::encode(hasher, inModelOrder(context, model, option));
  }
  const std::vector<ir::SlotRef> inputs = modelInputs(context, model.features);
  hasher.u64(features.features.size()).u8(features.target.valid() ? 1 : 0).u8(features.weight.valid() ? 1 : 0);
  for (const ir::Part part : {ir::Part::Train, ir::Part::Validate}) {
    const std::optional<std::size_t> index = partIndex(context.pipeline, model.features, part);
    hasher.u8(index.has_value() ? 1 : 0);
    if (!index.has_value()) continue;
    for (const ir::SlotRef input : inputs) hasher.digest(context.leaves.part(input, *index));
  }
}

/// The keys of rows that each have a model of their own.
void encodeKeys(Hasher& hasher, const DefineContext& context, const ir::Model& model) {
  if (model.per.empty()) return;
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  hasher.u8(static_cast<std::uint8_t>(opt::Tag::PerKey)).u64(model.per.size());
  for (const std::uint32_t column : model.per) hasher.digest(context.leaves.slot({features.from, column}));
  hasher.u64(static_cast<std::uint64_t>(model.per_min_rows)).u8(model.per_fallback ? 1 : 0);
  hasher.u8(features.split.valid() ? 1 : 0);
  if (features.split.valid()) hasher.digest(context.leaves.slot({features.split, 0}));
}

void encodeObjective(Hasher& hasher, const ir::Objective& objective) {
  hasher.string(objective.metric).string(opt::versionOf(opt::Versioned::Metric, objective.metric)).u8(objective.maximize ? 1 : 0);
  hasher.u64(objective.options.size());
  for (const ir::Option& option : objective.options) {
    hasher.string(option.name);
    opt::encode(hasher, option.value);
  }
}

void encodeTune(Hasher& hasher, const ir::Tune& tune) {
  hasher.u8(static_cast<std::uint8_t>(opt::Tag::Search)).string(tune.method).u64(tune.options.size());
  for (const ir::Option& option : tune.options) {
    hasher.string(option.name);
    opt::encode(hasher, option.value);
  }
  encodeObjective(hasher, tune.objective);
  hasher.u64(tune.ranges.size());
  for (const ir::Tune::Range& range : tune.ranges) {
    hasher.string(range.option).u8(range.is_list ? 1 : 0).u8(range.log ? 1 : 0).u8(range.integer ? 1 : 0).u64(range.values.size());
    for (const ir::Literal& value : range.values) opt::encode(hasher, value);
  }
}

/// Each fold fits features of its own, so its model depends on what features are and read, not on their values here.
void encodeFolds(Hasher& hasher, const DefineContext& context, const ir::Model& model) {
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  const auto& split = std::get<ir::Split>(context.pipeline[features.split].body);
  hasher.u8(static_cast<std::uint8_t>(opt::Tag::OutOfFold)).u8(static_cast<std::uint8_t>(split.method));
  hasher.u64(static_cast<std::uint64_t>(split.folds)).u64(static_cast<std::uint64_t>(split.gap_us));
  hasher.digest(context.leaves.slot({features.split, 0}));
  // By time the gap before a fold goes by the times themselves.
  if (split.time_column != UINT32_MAX) hasher.digest(context.leaves.slot({split.from, split.time_column}));
  for (const ir::SlotRef input : modelInputs(context, model.features)) {
    hasher.digest(opt::defineFeatures(context.pipeline, input, context.leaves));
  }
}

/// The best of several: all of them, and what they are held to.
Digest defineChoice(const DefineContext& context, const ir::Model& model, std::uint32_t slot) {
  Hasher hasher = opt::begin(opt::Tag::Choice);
  hasher.u64(slot);
  encodeObjective(hasher, *model.objective);
  hasher.u64(model.candidates.size());
  for (const ir::NodeId id : model.candidates) {
    const auto& candidate = std::get<ir::Model>(context.pipeline[id].body);
    hasher.digest(context.leaves.slot({id, 0})).digest(encodeScoring(context, id));
    if (candidate.folds) hasher.digest(context.leaves.slot({id, 1}));
    encodeValidation(hasher, context, candidate);
  }
  return hasher.finish();
}

}  // namespace

Digest encodeScoring(const DefineContext& context, ir::NodeId id) {
  const auto& model = std::get<ir::Model>(context.pipeline[id].body);
  Hasher hasher = opt::begin(opt::Tag::Part);
  hasher.u8(model.threshold.has_value() ? 1 : 0);
  opt::encode(hasher, model.threshold.value_or(0));
  encodeKeys(hasher, context, model);
  if (model.candidates.empty()) return hasher.finish();
  hasher.digest(context.leaves.part({id, 0}, 0));
  for (const ir::NodeId candidate : model.candidates) hasher.digest(encodeScoring(context, candidate));
  return hasher.finish();
}

void encodeValidation(Hasher& hasher, const DefineContext& context, const ir::Model& model) {
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  const std::vector<ir::SlotRef> inputs = modelInputs(context, model.features);
  const std::optional<std::size_t> index = partIndex(context.pipeline, model.features, ir::Part::Validate);
  if (index) {
    for (const ir::SlotRef input : inputs) hasher.digest(context.leaves.part(input, *index));
    return;
  }
  // Out-of-fold predictions are there already; target and weight are read for the rows of all folds.
  for (std::size_t i = features.features.size(); i < inputs.size(); ++i) {
    hasher.digest(opt::defineFeatures(context.pipeline, inputs[i], context.leaves));
  }
  if (features.split.valid()) hasher.digest(context.leaves.slot({features.split, 0}));
}

bool learnsFromFolds(const ir::Model& model) {
  if (!model.folds || !model.candidates.empty()) return false;
  if (model.tune) return true;
  const auto stop = std::find_if(model.options.begin(), model.options.end(), [](const ir::Option& o) { return o.name == "early_stop"; });
  const auto* rounds = stop == model.options.end() ? nullptr : std::get_if<std::int64_t>(&stop->value.value);
  return rounds != nullptr && *rounds > 0;
}

Digest defineModel(const DefineContext& context, ir::SlotRef slot) {
  const auto& model = std::get<ir::Model>(context.pipeline[slot.node].body);
  if (!model.candidates.empty()) return defineChoice(context, model, slot.slot);
  Hasher hasher = opt::begin(opt::Tag::Model);
  encodeTraining(hasher, context, model);
  encodeKeys(hasher, context, model);
  if (model.tune) encodeTune(hasher, *model.tune);
  if (slot.slot == 1 || learnsFromFolds(model)) encodeFolds(hasher, context, model);
  if (slot.slot == 1) hasher.u8(1);
  return hasher.finish();
}

namespace {

void addPart(std::vector<KeyPart>& parts, std::string name, const std::string& value) {
  parts.push_back({.name = std::move(name), .value = value, .shown = value});
}

std::string objectiveText(const ir::Objective& objective) {
  std::string text = fmt::format("{} {}", objective.maximize ? "maximize" : "minimize", objective.metric);
  for (const ir::Option& option : objective.options) text += fmt::format(" {}: {}", option.name, ir::literalText(option.value));
  return text;
}

void addSearchParts(const ir::Pipeline& pipeline, const ir::Model& model, std::vector<KeyPart>& parts) {
  if (model.objective) addPart(parts, "setting choose", objectiveText(*model.objective));
  if (!model.per.empty()) {
    const ir::Node& from = pipeline[std::get<ir::Features>(pipeline[model.features].body).from];
    for (const std::uint32_t column : model.per) addPart(parts, fmt::format("per {}", from.columns[column].name), "");
    addPart(parts, "setting min rows", fmt::format("{}", model.per_min_rows));
    addPart(parts, "setting fallback", model.per_fallback ? "global" : "none");
  }
  if (!model.tune) return;
  addPart(parts, "setting tune", fmt::format("{} {}", model.tune->method, objectiveText(model.tune->objective)));
  for (const ir::Option& option : model.tune->options) addPart(parts, fmt::format("tune {}", option.name), ir::literalText(option.value));
  for (const ir::Tune::Range& range : model.tune->ranges) {
    std::string text = range.log ? "log" : range.is_list ? "list" : "span";
    for (const ir::Literal& value : range.values) text += " " + ir::literalText(value);
    addPart(parts, fmt::format("range {}", range.option), text);
  }
}

}  // namespace

std::vector<KeyPart> describeModel(const DefineContext& context, ir::SlotRef slot) {
  const auto& model = std::get<ir::Model>(context.pipeline[slot.node].body);
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  const std::string trainer(opt::versionOf(opt::Versioned::Trainer, model.algorithm));
  std::vector<KeyPart> parts{{.name = "setting algorithm", .value = model.algorithm, .shown = model.algorithm},
                             {.name = "setting trainer", .value = trainer, .shown = trainer}};
  for (const ir::Option& option : decidingOptions(model)) parts.push_back(optionPart(option));
  addSearchParts(context.pipeline, model, parts);
  // The set of features is told apart from what they hold: a new one is a reason of its own.
  for (std::uint32_t f = 0; f < features.features.size(); ++f) {
    parts.push_back({.name = fmt::format("feature {}", context.pipeline[model.features].columns[f].name), .value = {}, .shown = {}});
  }
  return parts;
}

}  // namespace cd4ml::plan
