/// The lane kernels compiled ahead of time, for the interpreter and the scorer: whole blocks of rows, chosen at run time
/// for the widest instruction set of this CPU. All levels give the same bits.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cd4ml::kernels {

/// Runs over `groups` × 8 rows. Arguments and result are 64-byte aligned, 8 bytes a row (float64, int64, or a mask 0 / -1).
using BlockFunction = void (*)(const void* const* arguments, void* result, std::int64_t groups);

struct NativeKernel {
  std::string_view name;
  std::string_view signature;  ///< result letter, then the arguments': F I M
  BlockFunction run;
};

enum class Level : std::uint8_t { Baseline, V3, V4 };
/// The best level that this CPU runs.
[[nodiscard]] Level nativeLevel();
/// Every lane kernel, in the order of lane_kernels.def.
[[nodiscard]] std::span<const NativeKernel> nativeKernels(Level level);
/// One of the best level; null if there is none of that name.
[[nodiscard]] const NativeKernel* findNative(std::string_view name);

}  // namespace cd4ml::kernels
