/// Sorts many numbers faster than by comparing them.
#pragma once

#include <span>

namespace cd4ml::learn {

/// Ascending; -0.0 comes before 0.0. None is NaN.
void sortNumbers(std::span<double> numbers);

}  // namespace cd4ml::learn
