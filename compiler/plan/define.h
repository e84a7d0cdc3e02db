/// Definitions of the results above features: models, metrics, predictions, gates. One construct a file, `key_*.cpp`.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "compiler/ir/pipeline.h"
#include "compiler/opt/define.h"
#include "compiler/opt/op_hash.h"
#include "compiler/plan/key.h"

namespace cd4ml::plan {

/// What a slot's definition is made with.
struct DefineContext {
  const ir::Pipeline& pipeline;
  const opt::OpHashes& hashes;
  opt::Leaves& leaves;
};

[[nodiscard]] Digest defineModel(const DefineContext& context, ir::SlotRef slot);
[[nodiscard]] Digest defineEvaluate(const DefineContext& context, ir::SlotRef slot);
[[nodiscard]] Digest defineStage(const DefineContext& context, ir::SlotRef slot);
/// What a gate's conditions say; nothing of what they are judged on.
[[nodiscard]] Digest defineGate(const ir::Gate& gate);
/// Any slot but a gate's.
[[nodiscard]] Digest defineSlot(const DefineContext& context, ir::SlotRef slot);

/// Named parts of a definition, for people: options, expressions, conditions. Inputs are added by who reads them.
[[nodiscard]] std::vector<KeyPart> describeSource(const ir::Node& node, ir::SlotRef slot);
[[nodiscard]] std::vector<KeyPart> describeTable(const ir::Pipeline& pipeline, ir::SlotRef slot);
[[nodiscard]] std::vector<KeyPart> describeFeatures(const ir::Pipeline& pipeline, ir::SlotRef slot);
[[nodiscard]] std::vector<KeyPart> describeSplit(const ir::Split& split);
[[nodiscard]] std::vector<KeyPart> describeModel(const DefineContext& context, ir::SlotRef slot);
[[nodiscard]] std::vector<KeyPart> describeEvaluate(const ir::Pipeline& pipeline, ir::SlotRef slot);
[[nodiscard]] std::vector<KeyPart> describeStage(const ir::Stage& stage);
[[nodiscard]] std::vector<KeyPart> describeGate(const ir::Gate& gate);
[[nodiscard]] std::vector<KeyPart> describeSlot(const DefineContext& context, ir::SlotRef slot);

/// The features, target and weight slots that a model reads, features in the model's order.
[[nodiscard]] std::vector<ir::SlotRef> modelInputs(const DefineContext& context, ir::NodeId features);
/// What decides a model's predictions besides its content: threshold, the keys of rows, which candidate was chosen.
[[nodiscard]] Digest encodeScoring(const DefineContext& context, ir::NodeId model);
/// What a model's predictions for the validate part are held to.
void encodeValidation(Hasher& hasher, const DefineContext& context, const ir::Model& model);
/// Place of a part among the contents of a features slot; nullopt if the split has no such part.
[[nodiscard]] std::optional<std::size_t> partIndex(const ir::Pipeline& pipeline, ir::NodeId features, ir::Part part);
/// An option as a key part.
[[nodiscard]] KeyPart optionPart(const ir::Option& option);

}  // namespace cd4ml::plan
