#include "compiler/codegen/loop_emitter.h"

#include <algorithm>

#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>
#include <llvm/IR/Intrinsics.h>

namespace cd4ml::codegen {
namespace {

using lanes::Form;
using lanes::Lane;
using lanes::Op;

constexpr unsigned width = 8;
/// More stores a loop run out of registers, fewer compute what they share again (measured: 20 to 40 are alike).
constexpr std::size_t stores_a_loop = 32;

}  // namespace

LoopEmitter::LoopEmitter(llvm::Module& module, const lanes::Program& program)
    : module_(module),
      program_(program),
      build_(module.getContext()),
      floats_(llvm::FixedVectorType::get(build_.getDoubleTy(), width)),
      ints_(llvm::FixedVectorType::get(build_.getInt64Ty(), width)) {}

llvm::Type* LoopEmitter::typeOf(lanes::Type type) const { return type == lanes::Type::Float ? floats_ : ints_; }

llvm::Value* LoopEmitter::at(llvm::Type* element, llvm::Value* base, llvm::Value* index) {
  return build_.CreateInBoundsGEP(element, base, {index});
}

llvm::Value* LoopEmitter::loadPointer(unsigned argument, std::uint32_t slot) {
  return build_.CreateLoad(build_.getPtrTy(), build_.CreateConstInBoundsGEP1_64(build_.getPtrTy(), function_->getArg(argument), slot));
}

void LoopEmitter::emit() {
  llvm::Type* pointer = build_.getPtrTy();
  llvm::Type* word = build_.getInt64Ty();
  auto* type = llvm::FunctionType::get(word, {pointer, pointer, pointer, pointer, word, word}, false);
  function_ = llvm::Function::Create(type, llvm::Function::ExternalLinkage, "loop", module_);
  function_->addFnAttr(llvm::Attribute::NoUnwind);
  auto* entry = llvm::BasicBlock::Create(module_.getContext(), "entry", function_);
  build_.SetInsertPoint(entry);
  failed_ = build_.getInt64(0);
  for (std::size_t first = 0; first < program_.stores.size() || first == 0; first += stores_a_loop) {
    const std::size_t last = std::min(program_.stores.size(), first + stores_a_loop);
    emitGroup(first, last, last == program_.stores.size() ? program_.failed : lanes::no_lane);
  }
  build_.CreateRet(failed_);
}

void LoopEmitter::prepare(const std::vector<Lane>& steps) {
  values_.assign(program_.steps.size(), nullptr);
  bases_.assign(program_.steps.size(), nullptr);
  for (const Lane lane : steps) {
    const lanes::Step& step = program_.steps[lane];
    switch (step.op) {
      case Op::LoadWord:
      case Op::LoadCode:
      case Op::LoadByte:
      case Op::LoadBits: bases_[lane] = loadPointer(0, step.slot); break;
      case Op::Gather: bases_[lane] = loadPointer(1, step.slot); break;
      case Op::Param: {
        llvm::Value* word = build_.CreateLoad(build_.getInt64Ty(), build_.CreateConstInBoundsGEP1_64(build_.getInt64Ty(), function_->getArg(2), step.slot));
        if (step.type == lanes::Type::Float) word = build_.CreateBitCast(word, build_.getDoubleTy());
        values_[lane] = build_.CreateVectorSplat(width, word);
        break;
      }
      case Op::Constant: {
        llvm::Constant* word = build_.getInt64(static_cast<std::uint64_t>(step.bits));
        if (step.type == lanes::Type::Float) {
          word = llvm::ConstantFP::get(build_.getContext(), llvm::APFloat(llvm::APFloat::IEEEdouble(), llvm::APInt(64, static_cast<std::uint64_t>(step.bits))));
        }
        values_[lane] = llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(width), word);
        break;
      }
      case Op::Call: break;
    }
  }
}

void LoopEmitter::emitGroup(std::size_t first, std::size_t last, Lane failed) {
  std::vector<Lane> roots;
  for (std::size_t s = first; s < last; ++s) roots.push_back(program_.stores[s].lane);
  if (failed != lanes::no_lane) roots.push_back(failed);
  if (roots.empty()) return;
  const std::vector<Lane> steps = lanes::stepsNeeded(program_, roots);
  prepare(steps);
  std::vector<llvm::Value*> outputs;
  for (std::size_t s = first; s < last; ++s) outputs.push_back(loadPointer(3, static_cast<std::uint32_t>(s)));
  llvm::Value* begin = function_->getArg(4);
  llvm::Value* end = function_->getArg(5);
  auto* before = build_.GetInsertBlock();
  auto* body = llvm::BasicBlock::Create(module_.getContext(), "body", function_);
  auto* after = llvm::BasicBlock::Create(module_.getContext(), "after", function_);
  build_.CreateCondBr(build_.CreateICmpSLT(begin, end), body, after);
  build_.SetInsertPoint(body);
  auto* group = build_.CreatePHI(build_.getInt64Ty(), 2);
  group->addIncoming(begin, before);
  auto* gathered = build_.CreatePHI(ints_, 2);
  gathered->addIncoming(llvm::Constant::getNullValue(ints_), before);
  llvm::Value* row = build_.CreateShl(group, 3);
  for (const Lane lane : steps) {
    if (values_[lane] == nullptr) values_[lane] = stepValue(lane, row, group);
  }
  for (std::size_t s = first; s < last; ++s) store(program_.stores[s], outputs[s - first], row, group);
  llvm::Value* failed_here = failed == lanes::no_lane ? static_cast<llvm::Value*>(gathered) : build_.CreateOr(gathered, values_[failed]);
  llvm::Value* next = build_.CreateAdd(group, build_.getInt64(1), "", true, true);
  group->addIncoming(next, build_.GetInsertBlock());
  gathered->addIncoming(failed_here, build_.GetInsertBlock());
  auto* latch = build_.GetInsertBlock();
  build_.CreateCondBr(build_.CreateICmpSLT(next, end), body, after);
  build_.SetInsertPoint(after);
  if (failed == lanes::no_lane) return;
  auto* total = build_.CreatePHI(ints_, 2);
  total->addIncoming(llvm::Constant::getNullValue(ints_), before);
  total->addIncoming(failed_here, latch);
  failed_ = build_.CreateOr(failed_, build_.CreateOrReduce(total));
}

}  // namespace cd4ml::codegen
