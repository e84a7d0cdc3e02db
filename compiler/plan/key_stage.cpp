// Stages: the argument list, the environment, and what its inputs hold. Input columns are written to files by name, so
// here, unlike elsewhere, the names of columns decide. How long and how often it may run does not.
#include <fmt/format.h>

#include "compiler/opt/nf1.h"
#include "compiler/opt/op_hash.h"
#include "compiler/plan/define.h"

namespace cd4ml::plan {

namespace {

constexpr std::string_view contract_version = "stage 1";

std::string argumentText(const ir::Stage& stage, const ir::Stage::Argument& argument) {
  switch (argument.kind) {
    case ir::Stage::Argument::Kind::Text: return argument.text;
    case ir::Stage::Argument::Kind::Input: return "<" + stage.inputs[argument.index].name + ">";
    case ir::Stage::Argument::Kind::Output: return ">" + stage.outputs[argument.index].name + "<";
  }
  return {};
}

void hashInput(const DefineContext& context, const ir::Stage::Input& input, Hasher& hasher) {
  hasher.string(input.name).string(input.path).u8(input.node.valid() ? 1 : 0);
  if (!input.node.valid()) return;  // its bytes are in the key, as those of a source are
  const ir::Node& node = context.pipeline[input.node];
  hasher.u8(input.part ? 1 + static_cast<std::uint8_t>(*input.part) : 0).u64(node.columns.size());
  const std::optional<std::size_t> part = input.part ? partIndex(context.pipeline, input.node, *input.part) : std::nullopt;
  for (std::uint32_t c = 0; c < node.columns.size(); ++c) {
    hasher.string(node.columns[c].name);
    hasher.digest(part ? context.leaves.part({input.node, c}, *part) : context.leaves.slot({input.node, c}));
  }
}

}  // namespace

Digest defineStage(const DefineContext& context, ir::SlotRef slot) {
  const auto& stage = std::get<ir::Stage>(context.pipeline[slot.node].body);
  Hasher hasher = opt::begin(opt::Tag::Stage);
  hasher.string(contract_version).string(stage.outputs[slot.slot].file);
  hasher.u64(stage.argv.size());
  for (const ir::Stage::Argument& argument : stage.argv) {
    hasher.u8(static_cast<std::uint8_t>(argument.kind)).string(argument.text).u64(argument.index);
  }
  hasher.u64(stage.inputs.size());
  for (const ir::Stage::Input& input : stage.inputs) hashInput(context, input, hasher);
  hasher.u64(stage.outputs.size());
  for (const ir::Stage::Output& output : stage.outputs) hasher.string(output.file);
  hasher.u64(stage.env.size());
  for (const auto& [name, value] : stage.env) hasher.string(name).string(value);
  return hasher.finish();
}

std::vector<KeyPart> describeStage(const ir::Stage& stage) {
  std::string command;
  for (const ir::Stage::Argument& argument : stage.argv) command += (command.empty() ? "" : " ") + argumentText(stage, argument);
  std::vector<KeyPart> parts{{.name = "definition", .value = command, .shown = command}};
  for (const auto& [name, value] : stage.env) {
    parts.push_back({.name = fmt::format("option env.{}", name), .value = value, .shown = value});
  }
  return parts;
}

}  // namespace cd4ml::plan
