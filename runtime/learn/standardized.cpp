#include "runtime/learn/standardized.h"

#include <algorithm>
#include <atomic>
#include <cmath>

#include <fmt/format.h>

namespace cd4ml::learn {

namespace {

/// The feature that model input `input` belongs to.
std::size_t featureOf(const Prepared& prepared, std::size_t input) {
  std::size_t at = 0;
  for (std::size_t f = 0; f < prepared.inputs.size(); ++f) {
    at += prepared.inputs[f].width;
    if (input < at) return f;
  }
  CD4ML_UNREACHABLE("an input beyond the features");
}

}  // namespace

std::int64_t Standardized::blockSize(std::size_t block) const {
  return std::min(block_rows, rows_ - static_cast<std::int64_t>(block) * block_rows);
}

Result<Standardized> Standardized::make(const TrainRequest& request, const Prepared& prepared, const Labels& labels, Center center, int threads) {
  const std::vector<score::ColumnView> views = featureViews(request.train.features);
  Standardized out(score::InputEncoder(prepared.inputs, views), request.train.rows);
  std::vector<double> column(block_rows);
  for (std::size_t i = 0; i < out.inputs(); ++i) {
    for (std::size_t block = 0; block < out.blocks(); ++block) {
      const std::int64_t begin = static_cast<std::int64_t>(block) * block_rows;
      out.encoder_.encode(i, begin, out.blockSize(block), column.data());
      const auto end = column.begin() + out.blockSize(block);
      const auto bad = std::find_if(column.begin(), end, [](double v) { return !std::isfinite(v); });
      if (bad == end) continue;
      const std::size_t feature = featureOf(prepared, i);
      const std::string name = feature < request.names.size() ? "`" + request.names[feature] + "`" : fmt::format("{}", feature + 1);
      return makeError("CD5501", fmt::format("feature {} is null or not a finite number in training row {}, and `{}` takes finite numbers only",
                                             name, begin + (bad - column.begin()) + 1, request.algorithm), request.span);
    }
  }
  CD4ML_TRY_VOID(out.measure(request, labels, center, threads));
  return out;
}

Status Standardized::measure(const TrainRequest& /*request*/, const Labels& labels, Center center, int threads) {
  const std::size_t p = inputs();
  mean_.assign(p, 0.0);
  scale_.assign(p, 1.0);
  const auto weight = [&](std::size_t row) { return labels.weight.empty() ? 1.0 : labels.weight[row]; };
  const auto each = [&](std::size_t block, const auto& use) {
    std::vector<double> values(static_cast<std::size_t>(block_rows) * (p + 1));
    read(block, values);
    for (std::size_t i = 0; i <= p; ++i) {
      for (std::int64_t r = 0; r < blockSize(block); ++r) {
        use(i, values[i * block_rows + static_cast<std::size_t>(r)], weight(block * block_rows + static_cast<std::size_t>(r)));
      }
    }
  };
  // First pass: means. Second: squares of what is left, so that a large mean costs no digits.
  const auto sums = sumBlocks(blocks(), p + 1, threads, [&](std::size_t block, std::vector<double>& sum) {
    each(block, [&](std::size_t i, double v, double w) { sum[i] += w * v; });
  });
  for (std::size_t i = 0; i < p; ++i) mean_[i] = sums[i] / sums[p];
  const auto squares = sumBlocks(blocks(), p + 1, threads, [&](std::size_t block, std::vector<double>& sum) {
    each(block, [&](std::size_t i, double v, double w) { sum[i] += w * v * v; });
  });
  for (std::size_t i = 0; i < p; ++i) {
    const double deviation = std::sqrt(squares[i] / sums[p]);
    const bool constant = !(deviation > 1e-12 * std::fabs(mean_[i]));
    scale_[i] = constant ? 0.0 : 1.0 / deviation;
    if (center == Center::No) mean_[i] = 0.0;
    // Without a constant term, a constant input takes its place.
    if (center == Center::No && constant && sums[i] != 0) scale_[i] = sums[p] / sums[i];
  }
  return Done{};
}

void Standardized::read(std::size_t block, std::vector<double>& out) const {
  const std::int64_t begin = static_cast<std::int64_t>(block) * block_rows;
  const std::int64_t count = blockSize(block);
  for (std::size_t i = 0; i < inputs(); ++i) {
    double* column = out.data() + i * block_rows;
    encoder_.encode(i, begin, count, column);
    for (std::int64_t r = 0; r < count; ++r) column[r] = (column[r] - mean_[i]) * scale_[i];
  }
  std::fill_n(out.data() + inputs() * block_rows, count, 1.0);
}

void Standardized::unscale(const double* fitted, double* weights, double& intercept) const {
  intercept = fitted[inputs()];
  for (std::size_t i = 0; i < inputs(); ++i) {
    weights[i] = fitted[i] * scale_[i];
    intercept -= weights[i] * mean_[i];
  }
}

}  // namespace cd4ml::learn
