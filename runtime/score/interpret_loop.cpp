#include "runtime/score/interpret_loop.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/internal_check.h"

namespace cd4ml::score {
namespace {

using lanes::Form;
using lanes::Lane;
using lanes::Op;

constexpr std::int64_t block_groups = 128;  // 1,024 rows: a register is 8 kB
constexpr std::size_t register_bytes = block_groups * 64;

std::shared_ptr<std::int64_t> allocateRegisters(std::size_t count) {
  auto* memory = static_cast<std::int64_t*>(std::aligned_alloc(64, std::max<std::size_t>(count, 1) * register_bytes));
  CD4ML_CHECK(memory != nullptr);
  return {memory, [](std::int64_t* p) { std::free(p); }};
}

void loadBits(const std::uint8_t* bits, std::int64_t begin, std::int64_t groups, std::int64_t* out) {
  for (std::int64_t g = 0; g < groups; ++g) {
    const std::uint8_t byte = bits[begin + g];
    for (int l = 0; l < 8; ++l) out[g * 8 + l] = -static_cast<std::int64_t>((byte >> l) & 1);
  }
}

}  // namespace

LoopInterpreter::LoopInterpreter(const lanes::Program& program) : program_(program) {
  const std::size_t count = program.steps.size();
  std::vector<std::size_t> last_use(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    for (const Lane arg : program.steps[i].args) last_use[arg] = i;
  }
  // What is stored at the end lives to the end.
  for (const lanes::Store& store : program.stores) last_use[store.lane] = count;
  if (program.failed != lanes::no_lane) last_use[program.failed] = count;
  std::vector<std::vector<std::uint32_t>> free_after(count + 1);
  std::vector<std::uint32_t> free;
  register_of_.resize(count);
  functions_.resize(count, nullptr);
  for (std::size_t i = 0; i < count; ++i) {
    if (free.empty()) free.push_back(registers_++);
    register_of_[i] = free.back();
    free.pop_back();
    free_after[std::max(last_use[i], i)].push_back(register_of_[i]);
    // Registers of arguments are free only after the step: a kernel never writes what it still reads.
    free.insert(free.end(), free_after[i].begin(), free_after[i].end());
    if (program.steps[i].op != Op::Call) continue;
    const kernels::NativeKernel* kernel = kernels::findNative(program.steps[i].kernel);
    CD4ML_CHECK(kernel != nullptr);
    CD4ML_CHECK(kernel->signature.size() == program.steps[i].args.size() + 1);
    functions_[i] = kernel->run;
  }
}

void LoopInterpreter::step(std::size_t index, const lanes::Arguments& arguments, std::int64_t begin, std::int64_t groups,
                           std::int64_t* const* registers) const {
  const lanes::Step& step = program_.steps[index];
  std::int64_t* out = registers[register_of_[index]];
  const std::int64_t rows = groups * 8;
  switch (step.op) {
    case Op::LoadWord:
      std::memcpy(out, static_cast<const std::int64_t*>(arguments.columns[step.slot]) + begin * 8, static_cast<std::size_t>(rows) * 8);
      return;
    case Op::LoadCode:
      std::copy_n(static_cast<const std::int32_t*>(arguments.columns[step.slot]) + begin * 8, rows, out);
      return;
    case Op::LoadByte:
      std::copy_n(static_cast<const std::uint8_t*>(arguments.columns[step.slot]) + begin * 8, rows, out);
      return;
    case Op::LoadBits:
      loadBits(static_cast<const std::uint8_t*>(arguments.columns[step.slot]), begin, groups, out);
      return;
    case Op::Constant: std::fill_n(out, rows, step.bits); return;
    case Op::Param: std::fill_n(out, rows, arguments.params[step.slot]); return;
    case Op::Gather: {
      const auto* table = static_cast<const std::int64_t*>(arguments.tables[step.slot]);
      const std::int64_t* at = registers[register_of_[step.args[0]]];
      for (std::int64_t r = 0; r < rows; ++r) out[r] = table[at[r]];
      return;
    }
    case Op::Call: {
      const void* args[4] = {};
      for (std::size_t a = 0; a < step.args.size(); ++a) args[a] = registers[register_of_[step.args[a]]];
      functions_[index](args, out, groups);
      return;
    }
  }
}

void LoopInterpreter::store(std::size_t index, const lanes::Arguments& arguments, std::int64_t begin, std::int64_t groups,
                            std::int64_t* const* registers) const {
  const lanes::Store& store = program_.stores[index];
  const std::int64_t* from = registers[register_of_[store.lane]];
  void* output = arguments.outputs[index];
  const std::int64_t rows = groups * 8;
  switch (store.form) {
    case Form::Word:
      std::memcpy(static_cast<std::int64_t*>(output) + begin * 8, from, static_cast<std::size_t>(rows) * 8);
      return;
    case Form::Code: {
      auto* to = static_cast<std::int32_t*>(output) + begin * 8;
      for (std::int64_t r = 0; r < rows; ++r) to[r] = static_cast<std::int32_t>(from[r]);
      return;
    }
    case Form::Byte: {
      auto* to = static_cast<std::uint8_t*>(output) + begin * 8;
      for (std::int64_t r = 0; r < rows; ++r) to[r] = static_cast<std::uint8_t>(from[r] & 1);
      return;
    }
    case Form::Bits: {
      auto* to = static_cast<std::uint8_t*>(output) + begin;
      for (std::int64_t g = 0; g < groups; ++g) {
        unsigned byte = 0;
        for (int l = 0; l < 8; ++l) byte |= static_cast<unsigned>(from[g * 8 + l] & 1) << l;
        to[g] = static_cast<std::uint8_t>(byte);
      }
      return;
    }
  }
}

bool LoopInterpreter::run(const lanes::Arguments& arguments, std::int64_t begin, std::int64_t end) const {
  const auto memory = allocateRegisters(registers_);
  std::vector<std::int64_t*> registers(registers_);
  for (std::size_t i = 0; i < registers_; ++i) registers[i] = memory.get() + i * (register_bytes / 8);
  std::int64_t failed = 0;
  for (std::int64_t at = begin; at < end; at += block_groups) {
    const std::int64_t groups = std::min(block_groups, end - at);
    for (std::size_t i = 0; i < program_.steps.size(); ++i) step(i, arguments, at, groups, registers.data());
    for (std::size_t i = 0; i < program_.stores.size(); ++i) store(i, arguments, at, groups, registers.data());
    if (program_.failed == lanes::no_lane) continue;
    const std::int64_t* mask = registers[register_of_[program_.failed]];
    for (std::int64_t r = 0; r < groups * 8; ++r) failed |= mask[r];
  }
  return failed != 0;
}

unsigned LoopInterpreter::runGroup(const lanes::Arguments& arguments, std::int64_t* const* registers) const {
  for (std::size_t i = 0; i < program_.steps.size(); ++i) step(i, arguments, 0, 1, registers);
  for (std::size_t i = 0; i < program_.stores.size(); ++i) store(i, arguments, 0, 1, registers);
  if (program_.failed == lanes::no_lane) return 0;
  const std::int64_t* mask = registers[register_of_[program_.failed]];
  unsigned failed = 0;
  for (unsigned r = 0; r < 8; ++r) failed |= mask[r] != 0 ? 1U << r : 0U;
  return failed;
}

std::vector<std::int64_t> LoopInterpreter::trace(const lanes::Arguments& arguments, std::int64_t group) const {
  const auto memory = allocateRegisters(registers_);
  std::vector<std::int64_t*> registers(registers_);
  for (std::size_t i = 0; i < registers_; ++i) registers[i] = memory.get() + i * (register_bytes / 8);
  std::vector<std::int64_t> out(program_.steps.size() * 8);
  for (std::size_t i = 0; i < program_.steps.size(); ++i) {
    step(i, arguments, group, 1, registers.data());
    std::copy_n(registers[register_of_[i]], 8, out.data() + i * 8);
  }
  return out;
}

}  // namespace cd4ml::score
