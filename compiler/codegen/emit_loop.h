/// Lane programs to LLVM IR: explicit loops over vectors of eight, kernels inlined from their bitcode.
///
/// The function is `i64 loop(ptr columns, ptr tables, ptr params, ptr outputs, i64 begin, i64 end)`: groups of eight
/// rows; what it returns is not 0 if a row failed. Stores are split over several loops so that registers suffice.
#pragma once

#include <memory>
#include <span>

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Target/TargetMachine.h>

#include "compiler/lanes/program.h"

namespace cd4ml::codegen {

/// The kernels' bitcode, as embedded.
[[nodiscard]] std::span<const char> kernelBitcode();

/// The module of a program, kernels linked in, set for the machine and optimised.
[[nodiscard]] std::unique_ptr<llvm::Module> emitLoop(llvm::LLVMContext& context, const lanes::Program& program,
                                                     llvm::TargetMachine& machine);

}  // namespace cd4ml::codegen
