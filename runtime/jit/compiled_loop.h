/// Lane programs as machine code of this CPU, kept on disk by what they are made from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "compiler/lanes/program.h"

namespace cd4ml::jit {

/// A compiled program; immutable and thread-safe.
class CompiledLoop {
 public:
  virtual ~CompiledLoop() = default;
  /// Rows [8 * begin, 8 * end); true if a row (or what lies in the padding) failed.
  [[nodiscard]] virtual bool run(const lanes::Arguments& arguments, std::int64_t begin, std::int64_t end) const = 0;
};

/// Compiles, or takes the object from folder `object_cache` (empty: none). Null where this CPU cannot be compiled for.
[[nodiscard]] std::shared_ptr<const CompiledLoop> compileLoop(const lanes::Program& program, const std::string& object_cache);

}  // namespace cd4ml::jit
