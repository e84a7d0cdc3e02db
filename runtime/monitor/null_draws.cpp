#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/internal_check.h"
#include "base/parallel.h"
#include "runtime/data/row_id.h"
#include "runtime/monitor/null_table.h"

namespace cd4ml::monitor {

namespace {

constexpr std::size_t cells = 192;            ///< of the grid of shares
constexpr std::size_t unit = 65'536;          ///< a cell's share is a whole number of these parts
constexpr std::size_t replicates = 8'192;
constexpr std::size_t at_once = 64;           ///< replicates that are drawn together
constexpr std::uint64_t seed = 0x6d6f6e69746f7231ULL;

/// Parts of each cell: narrow at both ends, where heavy tails are decided, alike between.
std::vector<std::size_t> cellParts() {
  constexpr std::array<std::size_t, 12> tail{4, 4, 8, 8, 16, 16, 32, 32, 64, 64, 128, 128};
  const std::size_t in_tails = 2 * std::accumulate(tail.begin(), tail.end(), std::size_t{0});
  const std::size_t middle = cells - 2 * tail.size();
  std::vector<std::size_t> parts(tail.begin(), tail.end());
  for (std::size_t i = 0; i < middle; ++i) parts.push_back((unit - in_tails) * (i + 1) / middle - (unit - in_tails) * i / middle);
  parts.insert(parts.end(), tail.rbegin(), tail.rend());
  return parts;
}

/// The grid of shares: where cells end, and the cell of each part.
struct Grid {
  std::vector<std::size_t> ends;
  std::vector<std::uint8_t> cell_of_part;
};
Grid makeGrid() {
  Grid grid;
  std::size_t end = 0;
  for (const std::size_t parts : cellParts()) {
    end += parts;
    grid.cell_of_part.resize(end, static_cast<std::uint8_t>(grid.ends.size()));
    grid.ends.push_back(end);
  }
  CD4ML_CHECK(end == unit && grid.ends.size() == cells);
  return grid;
}

/// sqrt(size) times how far the share of a drawn window below each cell's end is from the truth.
using Deviations = std::vector<float>;  ///< at_once x cells

void drawWindows(const Grid& grid, std::size_t size, std::size_t first, Deviations& out) {
  const auto rows = static_cast<std::size_t>(NullTable::sizes[size]);
  const auto root = static_cast<float>(std::sqrt(NullTable::sizes[size]));
  std::vector<std::uint32_t> counts(cells);
  for (std::size_t i = 0; i < at_once; ++i) {
    std::fill(counts.begin(), counts.end(), 0U);
    const std::uint64_t key = data::rowRandom(first + i, seed + size);
    for (std::size_t r = 0; r < rows; r += 4) {
      std::uint64_t bits = data::mix(key + r);
      for (std::size_t k = r; k < std::min(rows, r + 4); ++k, bits >>= 16) ++counts[grid.cell_of_part[bits & 0xffff]];
    }
    float* to = &out[i * cells];
    std::uint32_t below = 0;
    for (std::size_t c = 0; c < cells; ++c) {
      below += counts[c];
      const float share = static_cast<float>(below) / static_cast<float>(rows);
      to[c] = root * (share - static_cast<float>(grid.ends[c]) / static_cast<float>(unit));
    }
  }
}

/// The limit: a Brownian bridge. Its steps are sums of four uniform numbers, which add up to normal ones.
void drawLimit(const Grid& grid, std::size_t first, Deviations& out) {
  std::array<float, cells> width{};
  for (std::size_t c = 0; c < cells; ++c) {
    const std::size_t parts = grid.ends[c] - (c == 0 ? 0 : grid.ends[c - 1]);
    // Four uniform numbers of [0, 1) have variance 1/3.
    width[c] = static_cast<float>(std::sqrt(3.0 * static_cast<double>(parts) / unit));
  }
  for (std::size_t i = 0; i < at_once; ++i) {
    const std::uint64_t key = data::rowRandom(first + i, seed + NullTable::sizes.size());
    float* to = &out[i * cells];
    float walk = 0;
    for (std::size_t c = 0; c < cells; ++c) {
      const std::uint64_t bits = data::mix(key + c);
      const std::uint64_t sum = (bits & 0xffff) + ((bits >> 16) & 0xffff) + ((bits >> 32) & 0xffff) + (bits >> 48);
      walk += width[c] * (static_cast<float>(sum) / static_cast<float>(unit) - 2.0F);
      to[c] = walk;
    }
    for (std::size_t c = 0; c < cells; ++c) to[c] -= walk * static_cast<float>(grid.ends[c]) / static_cast<float>(unit);
  }
}

/// The area under |deviation|: sums of a fixed shape.
float areaOf(const float* deviations, const float* steps) {
  constexpr std::size_t lanes = 16;
  static_assert(cells % lanes == 0);
  std::array<float, lanes> sums{};
  for (std::size_t c = 0; c < cells; c += lanes) {
    for (std::size_t k = 0; k < lanes; ++k) sums[k] += std::fabs(deviations[c + k]) * steps[c + k];
  }
  for (std::size_t half = lanes / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) sums[k] += sums[k + half];
  }
  return sums[0];
}

/// Quantiles, and the Pareto tail by probability-weighted moments (Hosking and Wallis 1987).
NullTable::Row summarise(std::vector<float>& values) {
  NullTable::Row row;
  auto from = values.begin();
  for (std::size_t i = 0; i < NullTable::chances.size(); ++i) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>((1 - NullTable::chances[i]) * static_cast<double>(values.size()));
    std::nth_element(from, at, values.end());
    row.quantile[i] = *at;
    from = at;
  }
  std::sort(from, values.end());
  const auto count = static_cast<double>(values.end() - from);
  double mean = 0;
  double weighted = 0;
  double rank = 0;
  for (auto at = from; at != values.end(); ++at, ++rank) {
    const double x = *at - row.quantile.back();
    mean += x / count;
    weighted += x * (1 - (rank + 0.65) / count) / count;
  }
  const double rest = mean - 2 * weighted;
  if (!(rest > 0) || !(mean > 0)) return row;
  row.shape = std::clamp(2 - mean / rest, -0.3, 0.5);
  // The scale that keeps the mean with the shape that was kept.
  row.scale = mean * (1 - row.shape);
  return row;
}

}  // namespace

NullProfile::NullProfile(std::span<const double> rising, double scale, std::span<const double> weights) : steps_(cells, 0.0F) {
  CD4ML_CHECK(!rising.empty() && (weights.empty() || weights.size() == rising.size()));
  const Grid grid = makeGrid();
  const auto weightOf = [&](std::size_t row) { return weights.empty() ? 1.0 : weights[row]; };
  double total = static_cast<double>(rising.size());
  if (!weights.empty()) total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> means(cells);
  std::size_t row = 0;
  double left = weightOf(0);  // of that row, not counted yet
  for (std::size_t c = 0; c < cells; ++c) {
    // The mean of the values whose shares lie in the cell; those at its ends count by the part that does.
    const std::size_t parts = grid.ends[c] - (c == 0 ? 0 : grid.ends[c - 1]);
    const double wanted = total * static_cast<double>(parts) / unit;
    double missing = wanted;
    double sum = 0;
    while (left < missing && row + 1 < rising.size()) {
      sum += left * rising[row];
      missing -= left;
      left = weightOf(++row);
    }
    sum += missing * rising[row];
    left -= missing;
    means[c] = sum / wanted;
  }
  for (std::size_t c = 0; c + 1 < cells; ++c) steps_[c] = static_cast<float>((means[c + 1] - means[c]) / scale);
}

std::vector<NullTable> makeNullTables(std::span<const NullProfile> profiles, int threads) {
  std::vector<NullTable> tables(profiles.size());
  if (profiles.empty()) return tables;
  const Grid grid = makeGrid();
  for (std::size_t size = 0; size < NullTable::sizes.size(); ++size) {
    std::vector<std::vector<float>> areas(profiles.size(), std::vector<float>(replicates));
    parallelFor(threads, replicates / at_once, [&](std::size_t chunk) {
      Deviations deviations(at_once * cells);
      const std::size_t first = chunk * at_once;
      if (NullTable::sizes[size] > 0) drawWindows(grid, size, first, deviations);
      else drawLimit(grid, first, deviations);
      for (std::size_t column = 0; column < profiles.size(); ++column) {
        for (std::size_t i = 0; i < at_once; ++i) areas[column][first + i] = areaOf(&deviations[i * cells], profiles[column].steps_.data());
      }
    });
    parallelFor(threads, profiles.size(), [&](std::size_t column) { tables[column].rows[size] = summarise(areas[column]); });
  }
  return tables;
}

}  // namespace cd4ml::monitor
