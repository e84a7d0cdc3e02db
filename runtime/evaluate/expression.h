/// Metrics that are expressions over aggregates: `late_share = mean(if target then 1.0 else 0.0)`.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "runtime/evaluate/metrics.h"

namespace cd4ml::evaluate {

/// The expression over each group of rows, one value a group; `groups` hold places in `rows`. Row errors come back as
/// Errors.
[[nodiscard]] Result<std::vector<MetricValue>> computeExpression(const EvaluateRequest& request, const ir::Metric& metric,
                                                                 std::span<const std::int32_t> rows,
                                                                 std::span<const std::vector<std::int32_t>> groups);

}  // namespace cd4ml::evaluate
