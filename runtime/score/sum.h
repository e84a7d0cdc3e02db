/// Sums over rows with a fixed shape: the bits depend on the values and their order alone, not on the CPU, the threads
/// or how the rows came in batches.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace cd4ml::score {

/// Adds rows in blocks of 4,096, each in eight interleaved lanes folded pairwise, then the blocks pairwise. The error
/// grows with the logarithm of the number of blocks. `value(i)` is called once for each i in [0, count), in order.
class FixedSum {
 public:
  void add(double value) {
    lanes_[count_ % 8] += value;
    if (++count_ == block_rows) closeBlock();
  }
  [[nodiscard]] double total() {
    if (count_ > 0) closeBlock();
    std::vector<double> level = blocks_;
    while (level.size() > 1) {
      const std::size_t half = (level.size() + 1) / 2;
      for (std::size_t i = 0; i < half; ++i) level[i] = 2 * i + 1 < level.size() ? level[2 * i] + level[2 * i + 1] : level[2 * i];
      level.resize(half);
    }
    return level.empty() ? 0.0 : level[0];
  }

 private:
  static constexpr std::size_t block_rows = 4096;
  void closeBlock() {
    blocks_.push_back(((lanes_[0] + lanes_[1]) + (lanes_[2] + lanes_[3])) + ((lanes_[4] + lanes_[5]) + (lanes_[6] + lanes_[7])));
    lanes_ = {};
    count_ = 0;
  }
  std::array<double, 8> lanes_{};
  std::size_t count_ = 0;
  std::vector<double> blocks_;
};

template <class Value>
[[nodiscard]] double sumOf(std::size_t count, const Value& value) {
  FixedSum sum;
  for (std::size_t i = 0; i < count; ++i) sum.add(value(i));
  return sum.total();
}

}  // namespace cd4ml::score
