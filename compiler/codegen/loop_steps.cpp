#include <llvm/IR/Constants.h>
#include <llvm/IR/DerivedTypes.h>

#include "base/internal_check.h"
#include "compiler/codegen/loop_emitter.h"

namespace cd4ml::codegen {

using lanes::Form;
using lanes::Op;

llvm::Value* LoopEmitter::stepValue(lanes::Lane lane, llvm::Value* row, llvm::Value* group) {
  const lanes::Step& step = program_.steps[lane];
  llvm::Value* base = bases_[lane];
  switch (step.op) {
    case Op::LoadWord: return build_.CreateAlignedLoad(typeOf(step.type), at(build_.getInt64Ty(), base, row), llvm::Align(8));
    case Op::LoadCode: {
      auto* codes = llvm::FixedVectorType::get(build_.getInt32Ty(), 8);
      return build_.CreateSExt(build_.CreateAlignedLoad(codes, at(build_.getInt32Ty(), base, row), llvm::Align(4)), ints_);
    }
    case Op::LoadByte: {
      auto* bytes = llvm::FixedVectorType::get(build_.getInt8Ty(), 8);
      return build_.CreateZExt(build_.CreateAlignedLoad(bytes, at(build_.getInt8Ty(), base, row), llvm::Align(1)), ints_);
    }
    case Op::LoadBits: return loadBits(base, group);
    case Op::Gather: return gather(lane);
    case Op::Call: return call(step);
    case Op::Constant:
    case Op::Param: break;
  }
  CD4ML_UNREACHABLE("a step that is ready before the loop");
}

llvm::Value* LoopEmitter::loadBits(llvm::Value* base, llvm::Value* group) {
  auto* bits = llvm::FixedVectorType::get(build_.getInt1Ty(), 8);
  llvm::Value* byte = build_.CreateAlignedLoad(build_.getInt8Ty(), at(build_.getInt8Ty(), base, group), llvm::Align(1));
  return build_.CreateSExt(build_.CreateBitCast(byte, bits), ints_);
}

llvm::Value* LoopEmitter::gather(lanes::Lane lane) {
  const lanes::Step& step = program_.steps[lane];
  llvm::Value* places = build_.CreateInBoundsGEP(build_.getInt64Ty(), bases_[lane], {values_[step.args[0]]});
  auto* all = llvm::ConstantVector::getSplat(llvm::ElementCount::getFixed(8), build_.getTrue());
  return build_.CreateMaskedGather(typeOf(step.type), places, llvm::Align(8), all);
}

llvm::Value* LoopEmitter::call(const lanes::Step& step) {
  llvm::SmallVector<llvm::Value*, 4> args;
  llvm::SmallVector<llvm::Type*, 4> types;
  for (const lanes::Lane arg : step.args) {
    args.push_back(values_[arg]);
    types.push_back(values_[arg]->getType());
  }
  auto* type = llvm::FunctionType::get(typeOf(step.type), types, false);
  return build_.CreateCall(module_.getOrInsertFunction(step.kernel, type), args);
}

void LoopEmitter::store(const lanes::Store& store, llvm::Value* base, llvm::Value* row, llvm::Value* group) {
  llvm::Value* value = values_[store.lane];
  switch (store.form) {
    case Form::Word:
      build_.CreateAlignedStore(value, at(build_.getInt64Ty(), base, row), llvm::Align(8));
      return;
    case Form::Code:
      value = build_.CreateTrunc(value, llvm::FixedVectorType::get(build_.getInt32Ty(), 8));
      build_.CreateAlignedStore(value, at(build_.getInt32Ty(), base, row), llvm::Align(4));
      return;
    case Form::Byte: {
      auto* bytes = llvm::FixedVectorType::get(build_.getInt8Ty(), 8);
      value = build_.CreateAnd(build_.CreateTrunc(value, bytes), llvm::ConstantInt::get(bytes, 1));
      build_.CreateAlignedStore(value, at(build_.getInt8Ty(), base, row), llvm::Align(1));
      return;
    }
    case Form::Bits:
      value = build_.CreateBitCast(build_.CreateICmpSLT(value, llvm::Constant::getNullValue(ints_)), build_.getInt8Ty());
      build_.CreateAlignedStore(value, at(build_.getInt8Ty(), base, group), llvm::Align(1));
      return;
  }
}

}  // namespace cd4ml::codegen
