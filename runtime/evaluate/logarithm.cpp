#include "runtime/evaluate/logarithm.h"

#include <algorithm>
#include <array>

#include "base/internal_check.h"
#include "stdlib/kernels/native.h"

namespace cd4ml::evaluate {

namespace {

constexpr std::size_t block = 512;

struct alignas(64) Block {
  std::array<double, block> values{};
};

std::vector<double> run(const char* name, std::span<const double> numbers, double second, std::size_t arguments) {
  const kernels::NativeKernel* kernel = kernels::findNative(name);
  CD4ML_CHECK(kernel != nullptr);
  std::vector<double> out(numbers.size());
  Block first;
  Block other;
  Block result;
  other.values.fill(second);
  const std::array<const void*, 2> inputs{first.values.data(), other.values.data()};
  CD4ML_CHECK(arguments <= inputs.size());
  for (std::size_t begin = 0; begin < numbers.size(); begin += block) {
    const std::size_t count = std::min(block, numbers.size() - begin);
    std::copy_n(numbers.begin() + static_cast<std::ptrdiff_t>(begin), count, first.values.begin());
    kernel->run(inputs.data(), result.values.data(), static_cast<std::int64_t>((count + 7) / 8));
    std::copy_n(result.values.begin(), count, out.begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return out;
}

}  // namespace

std::vector<double> logarithms(std::span<const double> numbers) { return run("log_f", numbers, 0.0, 1); }

std::vector<double> powers(std::span<const double> numbers, double exponent) { return run("pow_ff", numbers, exponent, 2); }

}  // namespace cd4ml::evaluate
