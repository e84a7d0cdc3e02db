#include "compiler/codegen/emit_loop.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Bitcode/BitcodeReader.h>
#include <llvm/IR/PassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/MemoryBuffer.h>

#include "base/internal_check.h"
#include "compiler/codegen/loop_emitter.h"

extern "C" {
extern const char cd4ml_kernel_bitcode[];
extern const char cd4ml_kernel_bitcode_end[];
}

namespace cd4ml::codegen {
namespace {

void linkKernels(llvm::Module& module) {
  const std::span<const char> bytes = kernelBitcode();
  const llvm::MemoryBufferRef buffer(llvm::StringRef(bytes.data(), bytes.size()), "kernels");
  auto kernels = llvm::getLazyBitcodeModule(buffer, module.getContext());
  CD4ML_CHECK(static_cast<bool>(kernels));
  (*kernels)->setDataLayout(module.getDataLayout());
  (*kernels)->setTargetTriple(module.getTargetTriple());
  CD4ML_CHECK(!llvm::Linker::linkModules(module, std::move(*kernels), llvm::Linker::LinkOnlyNeeded));
}

/// Bitcode carries the machine it was made for; a function is inlined only into one of the same machine.
void setMachine(llvm::Module& module, const llvm::TargetMachine& machine) {
  const bool wide = machine.getTargetFeatureString().contains("+avx512f");
  for (llvm::Function& function : module) {
    if (function.isDeclaration()) continue;
    for (const char* attribute : {"target-cpu", "target-features", "tune-cpu", "min-legal-vector-width", "frame-pointer"}) {
      function.removeFnAttr(attribute);
    }
    function.addFnAttr("target-cpu", machine.getTargetCPU());
    function.addFnAttr("target-features", machine.getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", wide ? "512" : "256");
    function.addFnAttr("min-legal-vector-width", wide ? "512" : "256");
    if (function.getName() != "loop") function.setLinkage(llvm::GlobalValue::InternalLinkage);
  }
}

void optimise(llvm::Module& module, llvm::TargetMachine& machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager graphs;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  llvm::ModulePassManager passes;
  // Kernels come optimised: inlining and sharing what they have in common is all that is left.
  CD4ML_CHECK(!builder.parsePassPipeline(passes, "always-inline,function(early-cse)"));
  passes.run(module, modules);
}

}  // namespace

std::span<const char> kernelBitcode() {
  return {cd4ml_kernel_bitcode, static_cast<std::size_t>(cd4ml_kernel_bitcode_end - cd4ml_kernel_bitcode)};
}

std::unique_ptr<llvm::Module> emitLoop(llvm::LLVMContext& context, const lanes::Program& program, llvm::TargetMachine& machine) {
  auto module = std::make_unique<llvm::Module>("features", context);
  module->setDataLayout(machine.createDataLayout());
  module->setTargetTriple(machine.getTargetTriple().str());
  LoopEmitter(*module, program).emit();
  linkKernels(*module);
  setMachine(*module, machine);
  CD4ML_CHECK(!llvm::verifyModule(*module, nullptr));
  optimise(*module, machine);
  return module;
}

}  // namespace cd4ml::codegen
