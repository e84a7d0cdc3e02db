/// Model inputs of the training rows, standardized: what `linear` and `logistic` are fitted on. A block of rows at a
/// time, so that memory does not grow with the rows.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "runtime/learn/algorithms.h"
#include "runtime/learn/labels.h"
#include "runtime/score/input_encoder.h"

namespace cd4ml::learn {

class Standardized {
 public:
  static constexpr std::int64_t block_rows = 1024;

  /// Measures mean and deviation of each input; CD5501 names a row and feature that is null or not finite.
  /// Without `center` inputs are divided by their deviation only.
  enum class Center : std::uint8_t { Yes, No };
  static Result<Standardized> make(const TrainRequest& request, const Prepared& prepared, const Labels& labels, Center center, int threads);

  [[nodiscard]] std::size_t inputs() const { return encoder_.inputs(); }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] std::size_t blocks() const { return static_cast<std::size_t>((rows_ + block_rows - 1) / block_rows); }
  [[nodiscard]] std::int64_t blockSize(std::size_t block) const;
  /// Input i of the block at out[i * block_rows]; then a column of ones at out[inputs * block_rows].
  void read(std::size_t block, std::vector<double>& out) const;
  /// Weights for standardized inputs (and the constant, last) as weights and intercept for the inputs as they come.
  void unscale(const double* fitted, double* weights, double& intercept) const;

 private:
  Standardized(score::InputEncoder encoder, std::int64_t rows) : encoder_(std::move(encoder)), rows_(rows) {}
  [[nodiscard]] Status measure(const TrainRequest& request, const Labels& labels, Center center, int threads);

  score::InputEncoder encoder_;
  std::int64_t rows_;
  std::vector<double> mean_;
  std::vector<double> scale_;  ///< 1 / deviation; 0 for a constant input
};

/// Adds up one vector of numbers a block: the blocks are shared among threads in runs of a fixed length, and the runs
/// are added in order, so the bits do not depend on the threads. `add(block, sum)` adds a block to its run's sum.
template <class Add>
std::vector<double> sumBlocks(std::size_t blocks, std::size_t size, int threads, const Add& add);

}  // namespace cd4ml::learn

#include "base/parallel.h"

template <class Add>
std::vector<double> cd4ml::learn::sumBlocks(std::size_t blocks, std::size_t size, int threads, const Add& add) {
  constexpr std::size_t run_blocks = 64;
  const std::size_t runs = (blocks + run_blocks - 1) / run_blocks;
  std::vector<std::vector<double>> sums(runs);
  parallelFor(threads, runs, [&](std::size_t run) {
    sums[run].assign(size, 0.0);
    const std::size_t end = std::min(blocks, (run + 1) * run_blocks);
    for (std::size_t block = run * run_blocks; block < end; ++block) add(block, sums[run]);
  });
  std::vector<double> total(size, 0.0);
  for (const std::vector<double>& sum : sums) {
    for (std::size_t i = 0; i < size; ++i) total[i] += sum[i];
  }
  return total;
}
