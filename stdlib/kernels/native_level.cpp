#include <map>

#include "stdlib/kernels/native.h"

namespace cd4ml::kernels {

std::span<const NativeKernel> kernelsBaseline();
std::span<const NativeKernel> kernelsV3();
std::span<const NativeKernel> kernelsV4();

Level nativeLevel() {
  if (__builtin_cpu_supports("x86-64-v4") != 0) return Level::V4;
  if (__builtin_cpu_supports("x86-64-v3") != 0) return Level::V3;
  return Level::Baseline;
}

std::span<const NativeKernel> nativeKernels(Level level) {
  switch (level) {
    case Level::Baseline: return kernelsBaseline();
    case Level::V3: return kernelsV3();
    case Level::V4: return kernelsV4();
  }
  return {};
}

const NativeKernel* findNative(std::string_view name) {
  static const auto by_name = [] {
    std::map<std::string_view, const NativeKernel*> all;
    for (const NativeKernel& kernel : nativeKernels(nativeLevel())) all.emplace(kernel.name, &kernel);
    return all;
  }();
  const auto at = by_name.find(name);
  return at == by_name.end() ? nullptr : at->second;
}

}  // namespace cd4ml::kernels
