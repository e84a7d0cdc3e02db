#include "runtime/jit/compiled_loop.h"

#include <mutex>

#include <llvm/ExecutionEngine/Orc/JITTargetMachineBuilder.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/MC/MCContext.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>

#include "base/digest.h"
#include "base/internal_check.h"
#include "compiler/codegen/emit_loop.h"
#include "runtime/jit/object_cache.h"

namespace cd4ml::jit {
namespace {

using LoopFunction = std::uint64_t (*)(const void* const*, const void* const*, const std::int64_t*, void* const*, std::int64_t, std::int64_t);

void initialiseTarget() {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
}

std::optional<llvm::orc::JITTargetMachineBuilder> describeHost() {
  auto host = llvm::orc::JITTargetMachineBuilder::detectHost();
  if (!host) {
    llvm::consumeError(host.takeError());
    return std::nullopt;
  }
  // Without fused multiply-add in hardware the kernels call libm: interpreted they are as fast.
  if (host->getTargetTriple().getArch() != llvm::Triple::x86_64 || __builtin_cpu_supports("x86-64-v3") == 0) return std::nullopt;
  host->setCodeGenOptLevel(llvm::CodeGenOptLevel::Less);
  host->getOptions().AllowFPOpFusion = llvm::FPOpFusion::Strict;
  host->setCodeModel(llvm::CodeModel::Small);
  host->setRelocationModel(llvm::Reloc::PIC_);
  return std::move(*host);
}

/// Everything that the object's bytes depend on.
Digest objectKey(const lanes::Program& program, const llvm::orc::JITTargetMachineBuilder& host) {
  const std::span<const char> bitcode = codegen::kernelBitcode();
  Hasher hasher("cd4ml object 1");
  hasher.string(lanes::print(program)).u64(bitcode.size()).bytes(bitcode.data(), bitcode.size());
  hasher.string(host.getCPU()).string(host.getFeatures().getString()).string(LLVM_VERSION_STRING);
  return hasher.finish();
}

std::string compileObject(const lanes::Program& program, llvm::TargetMachine& machine) {
  llvm::LLVMContext context;
  const auto module = codegen::emitLoop(context, program, machine);
  llvm::SmallVector<char, 0> object;
  llvm::raw_svector_ostream stream(object);
  llvm::legacy::PassManager passes;
  llvm::MCContext* ignored = nullptr;
  CD4ML_CHECK(!machine.addPassesToEmitMC(passes, ignored, stream, true));
  passes.run(*module);
  return {object.begin(), object.end()};
}

class LinkedLoop : public CompiledLoop {
 public:
  LinkedLoop(std::unique_ptr<llvm::orc::LLJIT> jit, LoopFunction function) : jit_(std::move(jit)), function_(function) {}
  bool run(const lanes::Arguments& arguments, std::int64_t begin, std::int64_t end) const override {
    return function_(arguments.columns, arguments.tables, arguments.params, arguments.outputs, begin, end) != 0;
  }

 private:
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  LoopFunction function_;
};

/// Null if the object is none of ours (a damaged cache file).
std::shared_ptr<const CompiledLoop> link(const std::string& object, const llvm::orc::JITTargetMachineBuilder& host) {
  auto jit = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(host).create();
  if (!jit) return llvm::consumeError(jit.takeError()), nullptr;
  (*jit)->getExecutionSession().setErrorReporter([](llvm::Error error) { llvm::consumeError(std::move(error)); });
  if (auto error = (*jit)->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(object, "loop"))) {
    return llvm::consumeError(std::move(error)), nullptr;
  }
  auto function = (*jit)->lookup("loop");
  if (!function) return llvm::consumeError(function.takeError()), nullptr;
  return std::make_shared<LinkedLoop>(std::move(*jit), function->toPtr<LoopFunction>());
}

}  // namespace

std::shared_ptr<const CompiledLoop> compileLoop(const lanes::Program& program, const std::string& object_cache) {
  initialiseTarget();
  const auto host = describeHost();
  if (!host) return nullptr;
  const ObjectCache cache(object_cache);
  const Digest key = objectKey(program, *host);
  if (const auto object = cache.read(key)) {
    if (auto loop = link(*object, *host)) return loop;
  }
  auto builder = *host;
  auto machine = builder.createTargetMachine();
  if (!machine) return llvm::consumeError(machine.takeError()), nullptr;
  const std::string object = compileObject(program, **machine);
  auto loop = link(object, *host);
  CD4ML_CHECK(loop != nullptr);
  cache.write(key, object);
  return loop;
}

}  // namespace cd4ml::jit
