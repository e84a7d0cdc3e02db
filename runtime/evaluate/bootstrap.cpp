#include "runtime/evaluate/bootstrap.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "base/parallel.h"
#include "runtime/data/row_id.h"
#include "runtime/evaluate/expression.h"
#include "runtime/evaluate/metrics.h"
#include "runtime/evaluate/score_order.h"
#include "runtime/evaluate/slices.h"

namespace cd4ml::evaluate {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr std::uint64_t purpose = 0x626f6f7473747261ULL;

/// P(X <= k) of a Poisson number of mean 1, as a share of 2^64.
constexpr std::array<std::uint64_t, 12> thresholds = [] {
  std::array<std::uint64_t, 12> out{};
  double term = 0.36787944117144233;
  double sum = 0;
  for (std::size_t k = 0; k < out.size(); ++k) {
    sum += term;
    out[k] = sum >= 1 ? UINT64_MAX : static_cast<std::uint64_t>(sum * 0x1p64);
    term /= static_cast<double>(k + 1);
  }
  return out;
}();

std::uint8_t poisson(std::uint64_t u) {
  // Four comparisons settle 98 rows of 100, without a branch.
  auto draws = static_cast<unsigned>(u >= thresholds[0]) + static_cast<unsigned>(u >= thresholds[1]) +
               static_cast<unsigned>(u >= thresholds[2]) + static_cast<unsigned>(u >= thresholds[3]);
  while (draws >= 4 && draws < thresholds.size() && u >= thresholds[draws]) ++draws;
  return static_cast<std::uint8_t>(draws);
}

/// Rows that some metrics are computed on together: all rows, or one slice.
struct Cell {
  Outcomes outcomes;
  std::vector<std::int32_t> rows;   ///< of each outcome: its place among the labelled rows
  std::vector<double> base;         ///< weights as given; empty: all 1
  struct Target {
    std::size_t wanted = 0;         ///< place in the result
    std::size_t slice = 0;          ///< if `is_slice`
    bool is_slice = false;
  };
  std::vector<Target> targets;
};

/// The outcomes in the order of their scores, so that a pass over them reads memory in order.
Cell makeCell(const Outcomes& outcomes, std::vector<std::int32_t> rows) {
  Cell cell;
  if (outcomes.task == ir::Task::Binary) {
    std::vector<double> scores;
    for (const std::int32_t row : rows) scores.push_back(outcomes.probability[static_cast<std::size_t>(row)]);
    std::vector<std::int32_t> sorted;
    for (const std::uint32_t place : orderByScore(scores)) sorted.push_back(rows[place]);
    rows = std::move(sorted);
  }
  cell.outcomes = select(outcomes, rows, {});
  if (outcomes.task == ir::Task::Binary) {
    cell.outcomes.by_score.resize(rows.size());
    std::iota(cell.outcomes.by_score.begin(), cell.outcomes.by_score.end(), 0U);
  }
  cell.base = cell.outcomes.weight;
  cell.rows = std::move(rows);
  return cell;
}

class Replication {
 public:
  Replication(const EvaluateRequest& request, std::span<const std::uint32_t> metrics, std::vector<std::int32_t> rows, Outcomes outcomes,
              std::vector<std::uint64_t> ids, const std::atomic<bool>* cancelled)
      : request_(request), metrics_(metrics), rows_(std::move(rows)), outcomes_(std::move(outcomes)), ids_(std::move(ids)), cancelled_(cancelled) {}

  Result<std::vector<Replicates>> run() {
    prepare();
    const std::size_t runs = static_cast<std::size_t>(std::max(1, request_.threads));
    parallelFor(request_.threads, runs, [&](std::size_t part) {
      std::vector<Cell> cells = cells_;
      std::vector<std::uint8_t> draws(rows_.size());
      for (std::size_t r = part; r < replicate_count; r += runs) {
        if (cancelled_ != nullptr && cancelled_->load()) return;
        draw(r, draws);
        for (Cell& cell : cells) compute(cell, draws, r);
      }
    });
    if (cancelled_ != nullptr && cancelled_->load()) return makeError("CD5503", "the bootstrap was cancelled");
    for (std::size_t w = 0; w < metrics_.size(); ++w) {
      if (metricAt(w).metric.empty()) CD4ML_TRY_VOID(expression(w));
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] const ir::Metric& metricAt(std::size_t wanted) const { return request_.node->metrics[metrics_[wanted]]; }

  [[nodiscard]] Slices slicesOf(const ir::Metric& metric) const {
    std::vector<SliceColumn> columns;
    for (const std::uint32_t slot : metric.by) columns.push_back({request_.column_names[slot], &request_.columns[slot]});
    return sliceRows(columns, rows_, metric.min_rows);
  }

  void prepare() {
    std::vector<std::int32_t> all(rows_.size());
    std::iota(all.begin(), all.end(), 0);
    cells_.push_back(makeCell(outcomes_, std::move(all)));
    out_.resize(metrics_.size());
    for (std::size_t w = 0; w < metrics_.size(); ++w) {
      const ir::Metric& metric = metricAt(w);
      out_[w].whole.assign(replicate_count, nothing);
      if (metric.metric.empty()) continue;
      cells_[0].targets.push_back({.wanted = w});
      if (metric.by_class) prepareClasses(metric, w);
      if (metric.by.empty()) continue;
      Slices slices = slicesOf(metric);
      for (std::size_t s = 0; s < slices.keys.size(); ++s) {
        cells_.push_back(makeCell(outcomes_, std::move(slices.rows[s])));
        cells_.back().targets.push_back({.wanted = w, .slice = s, .is_slice = true});
        out_[w].slices.push_back(std::move(slices.keys[s]));
      }
      out_[w].by_slice.assign(out_[w].slices.size(), std::vector<double>(replicate_count, nothing));
    }
    // What a metric sorts, it sorts here once: the copies of the threads take it along.
    for (Cell& cell : cells_) {
      for (const Cell::Target& target : cell.targets) {
        if (!metricAt(target.wanted).by_class) static_cast<void>(computeMetric(metricAt(target.wanted), cell.outcomes));
      }
    }
  }

  /// Classes with enough rows, which are slices of a metric `by class`.
  void prepareClasses(const ir::Metric& metric, std::size_t wanted) {
    std::vector<std::int64_t> rows(outcomes_.classes.size(), 0);
    for (const std::int32_t actual : outcomes_.actual) ++rows[static_cast<std::size_t>(actual)];
    for (std::size_t c = 0; c < rows.size(); ++c) {
      if (rows[c] < metric.min_rows) continue;
      out_[wanted].slices.push_back(classKey(outcomes_, c));
      out_[wanted].by_slice.emplace_back(replicate_count, nothing);
    }
  }

  void draw(std::size_t replicate, std::vector<std::uint8_t>& draws) const {
    const std::uint64_t seed = data::mix(purpose + replicate + 0x9e3779b97f4a7c15ULL);
    for (std::size_t i = 0; i < ids_.size(); ++i) draws[i] = poisson(data::mix(ids_[i] + seed));
  }

  void compute(Cell& cell, const std::vector<std::uint8_t>& draws, std::size_t replicate) {
    std::vector<double>& weight = cell.outcomes.weight;
    weight.resize(cell.rows.size());
    for (std::size_t i = 0; i < weight.size(); ++i) {
      weight[i] = (cell.base.empty() ? 1.0 : cell.base[i]) * draws[static_cast<std::size_t>(cell.rows[i])];
    }
    for (const Cell::Target& target : cell.targets) {
      const ir::Metric& metric = metricAt(target.wanted);
      if (metric.by_class) {
        computeClasses(metric, cell.outcomes, target.wanted, replicate);
        continue;
      }
      Replicates& out = out_[target.wanted];
      std::vector<double>& values = target.is_slice ? out.by_slice[target.slice] : out.whole;
      values[replicate] = computeMetric(metric, cell.outcomes).value.value_or(nothing);
    }
  }

  void computeClasses(const ir::Metric& metric, const Outcomes& outcomes, std::size_t wanted, std::size_t replicate) {
    const ClassValues classes = computeByClass(metric, outcomes);
    Replicates& out = out_[wanted];
    out.whole[replicate] = meanOfClasses(classes).value.value_or(nothing);
    std::size_t slice = 0;
    for (std::size_t c = 0; c < classes.values.size(); ++c) {
      if (classes.rows[c] < metric.min_rows) continue;
      out.by_slice[slice++][replicate] = classes.values[c].value.value_or(nothing);
    }
  }

  /// An expression is folded over rows that stand as often as they were drawn, some replicates at a time.
  Status expression(std::size_t wanted) {
    const ir::Metric& metric = metricAt(wanted);
    Slices slices;
    if (!metric.by.empty()) slices = slicesOf(metric);
    std::vector<std::int32_t> all(rows_.size());
    std::iota(all.begin(), all.end(), 0);
    slices.rows.push_back(std::move(all));
    Replicates& out = out_[wanted];
    out.slices = slices.keys;
    out.by_slice.assign(slices.keys.size(), std::vector<double>(replicate_count, nothing));
    std::size_t members = 1;
    for (const auto& rows : slices.rows) members += rows.size();
    const std::size_t at_once = std::clamp<std::size_t>((std::size_t{1} << 24U) / members, 1, replicate_count);
    std::vector<std::uint8_t> draws(rows_.size());
    for (std::size_t begin = 0; begin < replicate_count; begin += at_once) {
      if (cancelled_ != nullptr && cancelled_->load()) return makeError("CD5503", "the bootstrap was cancelled");
      const std::size_t end = std::min(replicate_count, begin + at_once);
      std::vector<std::vector<std::int32_t>> groups;
      for (std::size_t r = begin; r < end; ++r) {
        draw(r, draws);
        for (const auto& rows : slices.rows) groups.push_back(repeated(rows, draws));
      }
      CD4ML_TRY(const std::vector<MetricValue> values, computeExpression(request_, metric, rows_, groups));
      std::size_t at = 0;
      for (std::size_t r = begin; r < end; ++r) {
        for (std::vector<double>& slice : out.by_slice) slice[r] = values[at++].value.value_or(nothing);
        out.whole[r] = values[at++].value.value_or(nothing);
      }
    }
    return Done{};
  }

  static std::vector<std::int32_t> repeated(const std::vector<std::int32_t>& rows, const std::vector<std::uint8_t>& draws) {
    std::vector<std::int32_t> out;
    out.reserve(rows.size() + rows.size() / 8 + 16);
    for (const std::int32_t row : rows) out.insert(out.end(), draws[static_cast<std::size_t>(row)], row);
    return out;
  }

  const EvaluateRequest& request_;
  std::span<const std::uint32_t> metrics_;
  std::vector<std::int32_t> rows_;
  Outcomes outcomes_;
  std::vector<std::uint64_t> ids_;
  const std::atomic<bool>* cancelled_;
  std::vector<Cell> cells_;
  std::vector<Replicates> out_;
};

}  // namespace

std::uint8_t drawsOf(std::uint64_t row_id, std::uint64_t replicate) { return poisson(data::rowRandom(row_id, purpose + replicate)); }

Result<std::vector<Replicates>> replicate(const EvaluateRequest& request, std::span<const std::uint64_t> ids,
                                          std::span<const std::uint32_t> metrics, const std::atomic<bool>* cancelled) {
  CD4ML_CHECK(static_cast<std::int64_t>(ids.size()) == request.rows && request.predictions->rows == request.rows);
  std::vector<std::int32_t> rows = labelledRows(request);
  CD4ML_TRY(Outcomes outcomes, outcomesOf(request, rows));
  std::vector<std::uint64_t> own;
  for (const std::int32_t row : rows) own.push_back(ids[static_cast<std::size_t>(row)]);
  return Replication(request, metrics, std::move(rows), std::move(outcomes), std::move(own), cancelled).run();
}

}  // namespace cd4ml::evaluate
