// Models: algorithm, options, and the train and validate parts of what it learns from. Not the test part.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/opt/feature_order.h"
#include "compiler/opt/nf1.h"
#include "compiler/opt/versions.h"
#include "compiler/plan/define.h"

namespace cd4ml::plan {

namespace {

/// Options that cannot change the model: a seed of what draws nothing, a limit that fails rather than cuts short.
bool decides(const ir::Model& model, const ir::Option& option) {
  if (option.name == "max_time") return false;
  return option.name != "seed" || model.algorithm == "gbdt";
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

Digest defineModel(const DefineContext& context, ir::SlotRef slot) {
  const auto& model = std::get<ir::Model>(context.pipeline[slot.node].body);
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  Hasher hasher = opt::begin(opt::Tag::Model);
  hasher.string(model.algorithm).string(opt::versionOf(opt::Versioned::Trainer, model.algorithm));
  hasher.u8(static_cast<std::uint8_t>(model.task));
  opt::encode(hasher, model.target_type);
  const std::vector<ir::Option> options = decidingOptions(model);
  hasher.u64(options.size());
  for (const ir::Option& option : options) {
    hasher.string(option.name);
    opt::encode(hasher, option.value);
  }
  const std::vector<ir::SlotRef> inputs = modelInputs(context, model.features);
  hasher.u64(features.features.size()).u8(features.target.valid() ? 1 : 0).u8(features.weight.valid() ? 1 : 0);
  for (const ir::Part part : {ir::Part::Train, ir::Part::Validate}) {
    const std::optional<std::size_t> index = partIndex(context.pipeline, model.features, part);
    hasher.u8(index.has_value() ? 1 : 0);
    if (!index.has_value()) continue;
    for (const ir::SlotRef input : inputs) hasher.digest(context.leaves.part(input, *index));
  }
  return hasher.finish();
}

std::vector<KeyPart> describeModel(const DefineContext& context, ir::SlotRef slot) {
  const auto& model = std::get<ir::Model>(context.pipeline[slot.node].body);
  const auto& features = std::get<ir::Features>(context.pipeline[model.features].body);
  const std::string trainer(opt::versionOf(opt::Versioned::Trainer, model.algorithm));
  std::vector<KeyPart> parts{{.name = "setting algorithm", .value = model.algorithm, .shown = model.algorithm},
                             {.name = "setting trainer", .value = trainer, .shown = trainer}};
  for (const ir::Option& option : decidingOptions(model)) parts.push_back(optionPart(option));
  // The set of features is told apart from what they hold: a new one is a reason of its own.
  for (std::uint32_t f = 0; f < features.features.size(); ++f) {
    parts.push_back({.name = fmt::format("feature {}", context.pipeline[model.features].columns[f].name), .value = {}, .shown = {}});
  }
  return parts;
}

}  // namespace cd4ml::plan
