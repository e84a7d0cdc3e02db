/// Kernels over literals: what the checker computes itself, with the very bits the kernel would give.
///
/// Only operations whose result is exact or correctly rounded by IEEE 754 are folded; `exp` and its like are not.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "compiler/ir/value.h"

namespace cd4ml::check {

struct Folded {
  std::optional<ir::Literal> value;  ///< nullopt: not folded
  std::string failure{};             ///< the row error that the kernel would raise
};

[[nodiscard]] Folded foldKernel(std::string_view kernel, std::span<const ir::Literal> arguments);

}  // namespace cd4ml::check
