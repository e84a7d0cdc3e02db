/// Runs a lane program with the native kernels: the oracle for compiled loops.
#pragma once

#include <memory>
#include <vector>

#include "compiler/lanes/program.h"
#include "stdlib/kernels/native.h"

namespace cd4ml::score {

/// A program with its kernels looked up; immutable and thread-safe.
class LoopInterpreter {
 public:
  explicit LoopInterpreter(const lanes::Program& program);

  /// Rows [8 * begin, 8 * end); true if a row (or what lies in the padding) failed.
  bool run(const lanes::Arguments& arguments, std::int64_t begin, std::int64_t end) const;
  /// The eight rows of the first group alone, in `registers` of eight words each; the rows that failed, as bits.
  unsigned runGroup(const lanes::Arguments& arguments, std::int64_t* const* registers) const;
  [[nodiscard]] std::uint32_t registers() const { return registers_; }
  /// The lanes of all steps for the eight rows of one group: [step * 8 + row].
  [[nodiscard]] std::vector<std::int64_t> trace(const lanes::Arguments& arguments, std::int64_t group) const;

 private:
  void step(std::size_t index, const lanes::Arguments& arguments, std::int64_t begin, std::int64_t groups,
            std::int64_t* const* registers) const;
  void store(std::size_t index, const lanes::Arguments& arguments, std::int64_t begin, std::int64_t groups,
             std::int64_t* const* registers) const;

  const lanes::Program& program_;
  std::vector<kernels::BlockFunction> functions_;  ///< by step; null where it is no call
  std::vector<std::uint32_t> register_of_;         ///< by step
  std::uint32_t registers_ = 0;
};

}  // namespace cd4ml::score
