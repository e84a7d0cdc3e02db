#include "compiler/lanes/program.h"

#include <bit>

#include <fmt/format.h>

namespace cd4ml::lanes {

Lane Builder::add(Step step) {
  const auto [at, fresh] = known_.try_emplace(std::move(step), static_cast<Lane>(program.steps.size()));
  if (fresh) program.steps.push_back(at->first);
  return at->second;
}

Lane Builder::call(Type type, std::string kernel, std::vector<Lane> args) {
  return add({.op = Op::Call, .type = type, .kernel = std::move(kernel), .args = std::move(args)});
}

Lane Builder::constant(Type type, std::int64_t bits) { return add({.op = Op::Constant, .type = type, .bits = bits}); }

Lane Builder::constant(double value) { return constant(Type::Float, std::bit_cast<std::int64_t>(value)); }

namespace {

std::string_view typeText(Type type) {
  switch (type) {
    case Type::Float: return "float";
    case Type::Int: return "int";
    case Type::Mask: return "mask";
  }
  return {};
}

std::string bodyText(const Step& step) {
  switch (step.op) {
    case Op::LoadWord: return fmt::format("load word {}", step.slot);
    case Op::LoadCode: return fmt::format("load code {}", step.slot);
    case Op::LoadByte: return fmt::format("load byte {}", step.slot);
    case Op::LoadBits: return fmt::format("load bits {}", step.slot);
    case Op::Constant: return fmt::format("constant {:#x}", static_cast<std::uint64_t>(step.bits));
    case Op::Param: return fmt::format("param {}", step.slot);
    case Op::Gather: return fmt::format("gather {}", step.slot);
    case Op::Call: return step.kernel;
  }
  return {};
}

std::string_view formText(Form form) {
  switch (form) {
    case Form::Word: return "word";
    case Form::Code: return "code";
    case Form::Byte: return "byte";
    case Form::Bits: return "bits";
  }
  return {};
}

}  // namespace

std::string print(const Program& program) {
  std::string text;
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const Step& step = program.steps[i];
    text += fmt::format("%{} : {} = {}", i, typeText(step.type), bodyText(step));
    for (const Lane arg : step.args) text += fmt::format(" %{}", arg);
    text += '\n';
  }
  for (std::size_t i = 0; i < program.stores.size(); ++i) {
    text += fmt::format("store {} {} %{}\n", i, formText(program.stores[i].form), program.stores[i].lane);
  }
  if (program.failed != no_lane) text += fmt::format("failed %{}\n", program.failed);
  return text;
}

std::vector<Lane> stepsNeeded(const Program& program, const std::vector<Lane>& lanes) {
  std::vector<bool> needed(program.steps.size(), false);
  for (const Lane lane : lanes) needed[lane] = true;
  for (std::size_t i = program.steps.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const Lane arg : program.steps[i].args) needed[arg] = true;
  }
  std::vector<Lane> out;
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (needed[i]) out.push_back(static_cast<Lane>(i));
  }
  return out;
}

}  // namespace cd4ml::lanes
