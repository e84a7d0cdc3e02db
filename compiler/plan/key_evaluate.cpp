// Evaluations: metrics and predictions of a model on one part of its features' rows.
#include <algorithm>

#include <fmt/format.h>

#include "compiler/opt/nf1.h"
#include "compiler/opt/value_digest.h"
#include "compiler/opt/versions.h"
#include "compiler/plan/define.h"
#include "compiler/plan/expression_text.h"

namespace cd4ml::plan {

namespace {

struct Sides {
  const ir::Evaluate& evaluate;
  ir::NodeId features_id;
  const ir::Features& features;
  const std::vector<ir::Column>& columns;  ///< of the features' `from` node
};

Sides sidesOf(const ir::Pipeline& pipeline, ir::NodeId node) {
  const auto& evaluate = std::get<ir::Evaluate>(pipeline[node].body);
  const ir::NodeId id = std::get<ir::Model>(pipeline[evaluate.model].body).features;
  const auto& features = std::get<ir::Features>(pipeline[id].body);
  return {evaluate, id, features, pipeline[features.from].columns};
}

constexpr std::array<std::string_view, 4> own_names = {"prediction", "probability", "target", "weight"};

std::string inputName(const Sides& sides, std::uint32_t slot) {
  if (slot < sides.columns.size()) return sides.columns[slot].name;
  const std::size_t own = slot - sides.columns.size();
  return own < own_names.size() ? std::string(own_names[own]) : std::string("_");
}

/// Which candidate was chosen is known when it is scored: what any of them would be scored on counts.
void encodeCandidate(Hasher& hasher, const DefineContext& context, ir::Part part, ir::NodeId candidate) {
  const auto& model = std::get<ir::Model>(context.pipeline[candidate].body);
  const std::optional<std::size_t> index = partIndex(context.pipeline, model.features, part);
  if (!index) return;
  for (const ir::SlotRef input : modelInputs(context, model.features)) hasher.digest(context.leaves.part(input, *index));
}

/// The model and the part of its features that it is held to.
void encodeScored(Hasher& hasher, const DefineContext& context, const Sides& sides) {
  const auto& model = std::get<ir::Model>(context.pipeline[sides.evaluate.model].body);
  const bool out_of_fold = model.folds && sides.evaluate.part == ir::Part::Validate;
  hasher.digest(context.leaves.slot({sides.evaluate.model, out_of_fold ? 1U : 0U}));
  if (model.threshold || !model.per.empty() || !model.candidates.empty()) hasher.digest(encodeScoring(context, sides.evaluate.model));
  for (const ir::NodeId candidate : model.candidates) encodeCandidate(hasher, context, sides.evaluate.part, candidate);
  if (out_of_fold) {
    hasher.u8(static_cast<std::uint8_t>(opt::Tag::OutOfFold));
    return encodeValidation(hasher, context, model);
  }
  const std::size_t index = partIndex(context.pipeline, sides.features_id, sides.evaluate.part).value_or(0);
  const std::vector<ir::SlotRef> inputs = modelInputs(context, sides.features_id);
  hasher.u64(sides.features.features.size()).u8(sides.features.target.valid() ? 1 : 0).u8(sides.features.weight.valid() ? 1 : 0);
  for (const ir::SlotRef input : inputs) hasher.digest(context.leaves.part(input, index));
}

/// Which rows of the `from` node are in the part.
void encodeRows(Hasher& hasher, const DefineContext& context, const Sides& sides) {
  hasher.u8(sides.features.split.valid() ? 1 : 0).u8(static_cast<std::uint8_t>(sides.evaluate.part));
  if (sides.features.split.valid()) hasher.digest(context.leaves.slot({sides.features.split, 0}));
}

Digest defineMetric(const ir::Metric& metric, const Sides& sides, opt::ValueDigests& values, opt::Leaves& leaves) {
  Hasher hasher = opt::begin(opt::Tag::Metric);
  // The value lists metrics and slices under these names, so they belong to it.
  hasher.string(metric.metric).string(opt::versionOf(opt::Versioned::Metric, metric.metric)).string(metric.name);
  hasher.u64(metric.options.size());
  for (const ir::Option& option : metric.options) {
    hasher.string(option.name);
    opt::encode(hasher, option.value);
  }
  hasher.u8(metric.expression.valid() ? 1 : 0);
  if (metric.expression.valid()) hasher.digest(values.of(metric.expression));
  // Metrics without it keep the keys that they had before there was one.
  if (metric.by_class) hasher.string("by class");
  hasher.u64(metric.by.size());
  for (const std::uint32_t slot : metric.by) {
    hasher.string(inputName(sides, slot));
    if (slot < sides.columns.size()) hasher.digest(leaves.slot({sides.features.from, slot}));
  }
  return hasher.u64(static_cast<std::uint64_t>(metric.min_rows)).finish();
}

Digest defineMetrics(const DefineContext& context, const Sides& sides) {
  bool reads_columns = false;
  opt::ValueDigests values(sides.evaluate.graph, [&](std::uint32_t slot) {
    if (slot >= sides.columns.size()) return opt::begin(opt::Tag::Part).string(inputName(sides, slot)).finish();
    reads_columns = true;
    return context.leaves.slot({sides.features.from, slot});
  });
  std::vector<Digest> metrics;
  for (const ir::Metric& metric : sides.evaluate.metrics) {
    reads_columns = reads_columns || !metric.by.empty();
    metrics.push_back(defineMetric(metric, sides, values, context.leaves));
  }
  Hasher hasher = opt::begin(opt::Tag::Metrics);
  encodeScored(hasher, context, sides);
  hasher.u64(metrics.size());
  for (const Digest& metric : metrics) hasher.digest(metric);
  hasher.u8(reads_columns ? 1 : 0);
  if (reads_columns) encodeRows(hasher, context, sides);
  return hasher.finish();
}

Digest definePredictions(const DefineContext& context, const Sides& sides) {
  Hasher hasher = opt::begin(opt::Tag::Predictions);
  encodeScored(hasher, context, sides);
  encodeRows(hasher, context, sides);
  std::vector<std::uint32_t> ids;
  if (sides.features.split.valid()) ids = std::get<ir::Split>(context.pipeline[sides.features.split].body).id_columns;
  if (ids.empty()) ids = opt::rowIdColumns(context.pipeline[sides.features.from]);
  hasher.u64(ids.size());
  for (const std::uint32_t column : ids) hasher.digest(context.leaves.slot({sides.features.from, column}));
  return hasher.finish();
}

}  // namespace

Digest defineEvaluate(const DefineContext& context, ir::SlotRef slot) {
  const Sides sides = sidesOf(context.pipeline, slot.node);
  return slot.slot == 0 ? defineMetrics(context, sides) : definePredictions(context, sides);
}

std::vector<KeyPart> describeEvaluate(const ir::Pipeline& pipeline, ir::SlotRef slot) {
  const Sides sides = sidesOf(pipeline, slot.node);
  const std::string part(ir::partText(sides.evaluate.part));
  std::vector<KeyPart> parts{{.name = "setting part", .value = part, .shown = part}};
  if (slot.slot != 0) return parts;
  for (const ir::Metric& metric : sides.evaluate.metrics) {
    std::string text = metric.metric;
    if (metric.expression.valid()) {
      text = expressionText(sides.evaluate.graph, metric.expression, [&](std::uint32_t s) { return inputName(sides, s); });
    }
    for (const ir::Option& option : metric.options) text += fmt::format(" {}: {}", option.name, ir::literalText(option.value));
    std::string name = metric.name.empty() ? metric.metric : metric.name;
    if (metric.by_class) name += " by class";
    for (const std::uint32_t by : metric.by) name += fmt::format(" by {}", inputName(sides, by));
    if (metric.min_rows > 0) text += fmt::format(" min {} rows", metric.min_rows);
    parts.push_back({.name = fmt::format("metric {}", name), .value = text, .shown = text});
  }
  return parts;
}

}  // namespace cd4ml::plan
