// The lane kernels in loops over blocks, compiled once for each instruction set (CD4ML_LEVEL).
#include "stdlib/kernels/all.h"
#include "stdlib/kernels/native.h"

namespace cd4ml::kernels {
namespace {

template <auto kernel, class R, class... Arguments>
struct Block {
  static void run(const void* const* arguments, void* result, std::int64_t groups) {
    runAll(arguments, static_cast<R*>(result), groups, __make_integer_seq<Indices, int, sizeof...(Arguments)>{});
  }
  template <class T, T... values>
  struct Indices {};
  template <int... i>
  static void runAll(const void* const* arguments, R* result, std::int64_t groups, Indices<int, i...>) {
    for (std::int64_t g = 0; g < groups; ++g) result[g] = kernel(static_cast<const Arguments*>(arguments[i])[g]...);
  }
};

constexpr NativeKernel kernels[] = {
#define CD4ML_LANE1(name, R, A) {#name, #R #A, &Block<&name, R, A>::run},
#define CD4ML_LANE2(name, R, A, B) {#name, #R #A #B, &Block<&name, R, A, B>::run},
#define CD4ML_LANE3(name, R, A, B, C) {#name, #R #A #B #C, &Block<&name, R, A, B, C>::run},
#define CD4ML_LANE4(name, R, A, B, C, D) {#name, #R #A #B #C #D, &Block<&name, R, A, B, C, D>::run},
#include "stdlib/kernels/lane_kernels.def"
};

}  // namespace

std::span<const NativeKernel> CD4ML_LEVEL() { return kernels; }

}  // namespace cd4ml::kernels
