/// Metrics on rows drawn again and again: the paired bootstrap behind a gate's `confident P%` (semantics.md).
///
/// In replicate r, row i counts as often as a Poisson number of mean 1 says, which depends on the row's id and r alone: two
/// models that are judged on the same rows meet the same draws, whatever the order of the rows, and a weight multiplies.
/// Rows are sorted by score once, whatever the number of replicates.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/evaluate/evaluate.h"

namespace cd4ml::evaluate {

constexpr std::size_t replicate_count = 1000;

/// One metric in each replicate; NaN where it has no value there.
struct Replicates {
  std::vector<double> whole;
  std::vector<std::string> slices;             ///< JSON keys, as in the metrics
  std::vector<std::vector<double>> by_slice;   ///< of each slice
};

/// How often a row counts in a replicate.
[[nodiscard]] std::uint8_t drawsOf(std::uint64_t row_id, std::uint64_t replicate);

/// The metrics of the node at places `metrics`, in that order. `ids`: one a row of the request.
[[nodiscard]] Result<std::vector<Replicates>> replicate(const EvaluateRequest& request, std::span<const std::uint64_t> ids,
                                                        std::span<const std::uint32_t> metrics, const std::atomic<bool>* cancelled);

}  // namespace cd4ml::evaluate
