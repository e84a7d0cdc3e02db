#include "compiler/plan/keyer.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/internal_check.h"
#include "compiler/opt/definition_leaves.h"
#include "compiler/opt/nf1.h"
#include "compiler/plan/define.h"

namespace cd4ml::plan {

namespace {

/// Results may depend on how numbers are computed; there is one way so far.
constexpr std::string_view numeric_profile = "strict 1";

std::string slotLabel(const ir::Pipeline& pipeline, ir::SlotRef slot) {
  return fmt::format("{}.{}", pipeline[slot.node].name, ir::slotNames(pipeline[slot.node])[slot.slot]);
}

/// Notes what is asked for.
class RecordingLeaves final : public opt::Leaves {
 public:
  Digest slot(ir::SlotRef slot) override { return note(slot); }
  Digest part(ir::SlotRef slot, std::size_t) override { return note(slot); }
  Digest rows(ir::NodeId node) override { return note({node, 0}); }
  [[nodiscard]] const std::set<ir::SlotRef>& slots() const { return slots_; }

 private:
  Digest note(ir::SlotRef slot) {
    slots_.insert(slot);
    return {};
  }
  std::set<ir::SlotRef> slots_;
};

/// Contents stand for what is read; what was read is noted under its name.
class ContentLeaves final : public opt::Leaves {
 public:
  ContentLeaves(const ir::Pipeline& pipeline, const Known& known) : pipeline_(pipeline), known_(known) {}

  Digest slot(ir::SlotRef slot) override {
    const Content* content = find(slot);
    if (content == nullptr) return {};
    note(fmt::format("input {}", slotLabel(pipeline_, slot)), content->id);
    return content->id;
  }
  Digest part(ir::SlotRef slot, std::size_t index) override {
    const Content* content = find(slot);
    if (content == nullptr) return {};
    if (index >= content->parts.size()) {
      complete_ = false;
      return {};
    }
    note(fmt::format("input {}[{}]", slotLabel(pipeline_, slot), partName(slot.node, index)), content->parts[index]);
    return content->parts[index];
  }
  Digest rows(ir::NodeId node) override {
    const Content* content = find({node, 0});
    if (content == nullptr) return {};
    const Digest digest = opt::begin(opt::Tag::TableRows).u64(content->rows).finish();
    inputs_.insert_or_assign(fmt::format("rows {}", pipeline_[node].name),
                             KeyPart{.name = {}, .value = fmt::format("{}", content->rows), .shown = fmt::format("{}", content->rows)});
    return digest;
  }

  [[nodiscard]] bool complete() const { return complete_; }
  void addParts(std::vector<KeyPart>& parts) const {
    for (const auto& [name, part] : inputs_) parts.push_back({.name = name, .value = part.value, .shown = part.shown});
  }

 private:
  const Content* find(ir::SlotRef slot) {
    const auto at = known_.slots.find(slot);
    if (at != known_.slots.end()) return &at->second;
    complete_ = false;
    return nullptr;
  }
  std::string_view partName(ir::NodeId features, std::size_t index) const {
    const auto* body = std::get_if<ir::Features>(&pipeline_[features].body);
    if (body == nullptr || !body->split.valid()) return "train";
    const auto& split = std::get<ir::Split>(pipeline_[body->split].body);
    return index < split.shares.size() ? ir::partText(split.shares[index].part) : std::string_view("?");
  }
  void note(std::string name, const Digest& digest) {
    inputs_.insert_or_assign(std::move(name), KeyPart{.name = {}, .value = digest.hex(), .shown = digest.brief()});
  }

  const ir::Pipeline& pipeline_;
  const Known& known_;
  std::map<std::string, KeyPart> inputs_;
  bool complete_ = true;
};

bool hasGate(const ir::Node& node) { return std::holds_alternative<ir::Gate>(node.body); }

bool usesChampion(const ir::Gate& gate) {
  return std::any_of(gate.checks.begin(), gate.checks.end(), [](const ir::GateCheck& check) { return check.usesChampion(); });
}
bool usesPredictions(const ir::Gate& gate) {
  return std::any_of(gate.checks.begin(), gate.checks.end(), [](const ir::GateCheck& check) { return check.confident.has_value(); });
}

/// What a gate is judged on: of each evaluate its metrics, its predictions where a bootstrap needs them, and the model.
std::set<ir::SlotRef> gateInputs(const ir::Pipeline& pipeline, const ir::Gate& gate) {
  std::set<ir::SlotRef> slots;
  for (const ir::NodeId evaluate : gate.evaluates) {
    slots.insert({evaluate, 0});
    if (usesPredictions(gate)) slots.insert({evaluate, 1});
    slots.insert({std::get<ir::Evaluate>(pipeline[evaluate].body).model, 0});
  }
  return slots;
}

}  // namespace

KeyPart optionPart(const ir::Option& option) {
  const std::string text = ir::literalText(option.value);
  return {.name = fmt::format("option {}", option.name), .value = text, .shown = text};
}

Digest defineSlot(const DefineContext& context, ir::SlotRef slot) {
  const ir::NodeBody& body = context.pipeline[slot.node].body;
  if (std::holds_alternative<ir::Source>(body)) return opt::defineSource(context.pipeline, slot, context.leaves);
  if (std::holds_alternative<ir::Table>(body)) return opt::defineTable(context.pipeline, slot, context.leaves);
  if (std::holds_alternative<ir::Features>(body)) return opt::defineFeatures(context.pipeline, slot, context.leaves);
  if (std::holds_alternative<ir::Split>(body)) return opt::defineSplit(context.pipeline, slot, context.leaves);
  if (std::holds_alternative<ir::Model>(body)) return defineModel(context, slot);
  if (std::holds_alternative<ir::Stage>(body)) return defineStage(context, slot);
  CD4ML_CHECK(std::holds_alternative<ir::Evaluate>(body));
  return defineEvaluate(context, slot);
}

std::vector<KeyPart> describeSlot(const DefineContext& context, ir::SlotRef slot) {
  const ir::Node& node = context.pipeline[slot.node];
  if (std::holds_alternative<ir::Source>(node.body)) return describeSource(node, slot);
  if (std::holds_alternative<ir::Table>(node.body)) return describeTable(context.pipeline, slot);
  if (std::holds_alternative<ir::Features>(node.body)) return describeFeatures(context.pipeline, slot);
  if (const auto* split = std::get_if<ir::Split>(&node.body)) return describeSplit(*split);
  if (std::holds_alternative<ir::Model>(node.body)) return describeModel(context, slot);
  if (const auto* stage = std::get_if<ir::Stage>(&node.body)) return describeStage(*stage);
  return describeEvaluate(context.pipeline, slot);
}

Keyer::Keyer(const ir::Pipeline& normalised) : pipeline_(normalised), hashes_(normalised) {
  opt::DefinitionLeaves leaves(definitions_);
  const DefineContext context{pipeline_, hashes_, leaves};
  for (std::uint32_t n = 0; n < pipeline_.nodes.size(); ++n) {
    const ir::Node& node = pipeline_.nodes[n];
    std::vector<Digest>& slots = definitions_.emplace_back();
    for (std::uint32_t s = 0; s < opt::slotCount(node); ++s) {
      slots.push_back(hasGate(node) ? defineGate(std::get<ir::Gate>(node.body)) : defineSlot(context, {{n}, s}));
    }
  }
}

std::vector<ir::SlotRef> Keyer::inputsOf(ir::SlotRef slot) const {
  if (const auto* gate = std::get_if<ir::Gate>(&pipeline_[slot.node].body)) {
    const std::set<ir::SlotRef> slots = gateInputs(pipeline_, *gate);
    return {slots.begin(), slots.end()};
  }
  RecordingLeaves leaves;
  (void)defineSlot({pipeline_, hashes_, leaves}, slot);
  return {leaves.slots().begin(), leaves.slots().end()};
}

std::optional<Key> Keyer::key(ir::SlotRef slot, const Known& known) const {
  CD4ML_CHECK(!hasGate(pipeline_[slot.node]));
  ContentLeaves leaves(pipeline_, known);
  const DefineContext context{pipeline_, hashes_, leaves};
  Hasher hasher(opt::key_domain);
  hasher.string(numeric_profile).digest(defineSlot(context, slot));
  Key key{.id = {}, .parts = describeSlot(context, slot)};
  // The checks of a source read its columns; what else reads files reads them for every slot.
  const bool checks = std::holds_alternative<ir::Source>(pipeline_[slot.node].body) && slot.slot >= pipeline_[slot.node].columns.size();
  if (!checks && !ir::filesOf(pipeline_[slot.node]).empty()) {
    const auto files = known.files.find(slot.node);
    if (files == known.files.end()) return std::nullopt;
    hasher.u64(files->second.size());
    for (std::size_t i = 0; i < files->second.size(); ++i) {
      hasher.digest(files->second[i]);
      key.parts.push_back({.name = fmt::format("file {}", i + 1), .value = files->second[i].hex(), .shown = files->second[i].brief()});
    }
  }
  if (!leaves.complete()) return std::nullopt;
  leaves.addParts(key.parts);
  key.id = hasher.finish();
  return key;
}

std::optional<Key> Keyer::gateKey(ir::NodeId node, const GateSetting& setting, const Known& known) const {
  const auto& gate = std::get<ir::Gate>(pipeline_[node].body);
  ContentLeaves leaves(pipeline_, known);
  const std::string deploy = setting.deploy.valid() ? pipeline_[setting.deploy].name : std::string();
  Hasher hasher(opt::key_domain);
  hasher.string(numeric_profile).digest(defineGate(gate)).string(deploy).string(setting.profile);
  Key key{.id = {}, .parts = describeGate(gate)};
  key.parts.push_back({.name = "setting deploy", .value = deploy, .shown = deploy});
  key.parts.push_back({.name = "setting profile", .value = setting.profile, .shown = setting.profile});
  for (const ir::NodeId evaluate : gate.evaluates) {
    hasher.digest(leaves.slot({evaluate, 0}));
    if (usesPredictions(gate)) hasher.digest(leaves.slot({evaluate, 1}));
    hasher.digest(leaves.slot({std::get<ir::Evaluate>(pipeline_[evaluate].body).model, 0}));
  }
  if (usesChampion(gate)) {
    // The champion is scored on the same rows, so what these are matters beyond the candidate's metrics.
    for (const ir::NodeId evaluate : gate.evaluates) {
      const std::optional<Key> rows = this->key({evaluate, 0}, known);
      if (!rows.has_value()) return std::nullopt;
      hasher.digest(rows->id);
      key.parts.push_back({.name = fmt::format("rows {}", pipeline_[evaluate].name), .value = rows->id.hex(), .shown = rows->id.brief()});
    }
    hasher.digest(setting.champion);
    const std::string shown = setting.champion.isZero() ? std::string("none") : setting.champion.brief();
    key.parts.push_back({.name = "setting champion", .value = setting.champion.hex(), .shown = shown});
  }
  if (!leaves.complete()) return std::nullopt;
  leaves.addParts(key.parts);
  key.id = hasher.finish();
  return key;
}

}  // namespace cd4ml::plan
