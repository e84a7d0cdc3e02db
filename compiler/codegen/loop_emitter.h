/// Emits the function of one lane program.
#pragma once

#include <vector>

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/Module.h>

#include "compiler/lanes/program.h"

namespace cd4ml::codegen {

class LoopEmitter {
 public:
  LoopEmitter(llvm::Module& module, const lanes::Program& program);
  void emit();

 private:
  /// One loop: stores [first, last) and, if asked for, the failed mask.
  void emitGroup(std::size_t first, std::size_t last, lanes::Lane failed);
  llvm::Value* stepValue(lanes::Lane lane, llvm::Value* row, llvm::Value* group);
  llvm::Value* loadBits(llvm::Value* base, llvm::Value* group);
  llvm::Value* gather(lanes::Lane lane);
  llvm::Value* call(const lanes::Step& step);
  void store(const lanes::Store& store, llvm::Value* base, llvm::Value* row, llvm::Value* group);
  llvm::Value* loadPointer(unsigned argument, std::uint32_t slot);
  /// What does not change from row to row, loaded before the loop.
  void prepare(const std::vector<lanes::Lane>& steps);
  [[nodiscard]] llvm::Type* typeOf(lanes::Type type) const;
  llvm::Value* at(llvm::Type* element, llvm::Value* base, llvm::Value* index);

  llvm::Module& module_;
  const lanes::Program& program_;
  llvm::IRBuilder<> build_;
  llvm::Type* floats_;
  llvm::Type* ints_;
  llvm::Function* function_ = nullptr;
  llvm::Value* failed_ = nullptr;          ///< where the failed bits are gathered
  std::vector<llvm::Value*> values_;       ///< by step, of the loop being emitted
  std::vector<llvm::Value*> bases_;        ///< by step: column, table or param of the loop being emitted
};

}  // namespace cd4ml::codegen
