// Finds out which kernels this CPU can run.
#include "runtime/score/slice_kernel.h"

#include <array>

namespace cd4ml::score {

namespace {

struct Kernels {
  std::array<const SliceKernel*, 3> all{};
  std::size_t count = 0;
};

Kernels findKernels() {
  Kernels found;
  const auto add = [&](const SliceKernel* kernel) { found.all[found.count++] = kernel; };
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("gfni") &&
                      __builtin_cpu_supports("popcnt");
  if (avx512 && avx512_kernel != nullptr) add(avx512_kernel);
  if (__builtin_cpu_supports("avx2") && avx2_kernel != nullptr) add(avx2_kernel);
#endif
  add(&portable_kernel);
  return found;
}

}  // namespace

std::span<const SliceKernel* const> sliceKernels() {
  static const Kernels found = findKernels();
  return {found.all.data(), found.count};
}

}  // namespace cd4ml::score
