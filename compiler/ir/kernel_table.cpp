#include "compiler/ir/kernel_table.h"

#include <map>

namespace cd4ml::ir {
namespace {

constexpr KernelRow rows[] = {
#define CD4ML_KERNEL(name, arguments, result, nulls, fails) {#name, arguments, (result)[0], NullRule::nulls, (fails) != 0},
#include "stdlib/kernels.def"
#undef CD4ML_KERNEL
};

}  // namespace

std::span<const KernelRow> kernelRows() { return rows; }

const KernelRow* findKernel(std::string_view name) {
  static const std::map<std::string_view, const KernelRow*> by_name = [] {
    std::map<std::string_view, const KernelRow*> map;
    for (const KernelRow& row : rows) map.emplace(row.name, &row);
    return map;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace cd4ml::ir
