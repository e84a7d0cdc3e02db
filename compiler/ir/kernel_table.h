/// The rows of stdlib/kernels.def as data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cd4ml::ir {

enum class NullRule : std::uint8_t { P, K, N };

struct KernelRow {
  std::string_view name;
  std::string_view arguments;  ///< letters of kernels.def
  char result;
  NullRule nulls;
  bool fails;
};

/// Every row, in the order of the file.
[[nodiscard]] std::span<const KernelRow> kernelRows();
/// The row of a kernel, or null.
[[nodiscard]] const KernelRow* findKernel(std::string_view name);

}  // namespace cd4ml::ir
