#include "runtime/monitor/null_table.h"

#include <algorithm>
#include <cmath>

#include "base/internal_check.h"

namespace cd4ml::monitor {

namespace {

/// Beyond this chance nothing was drawn: the tail goes on exponentially, which is no lighter than what it continues.
constexpr double last_drawn = 1e-3;
constexpr double least_log_chance = -700;

/// Logarithms: of a great difference the chance itself is no number any more.
double logTailChance(const NullTable::Row& row, double t) {
  const double above = std::log(NullTable::chances.back());
  const double x = t - row.quantile.back();
  if (!(row.scale > 0)) return x > 0 ? least_log_chance : above;
  const double k = row.shape;
  const double left = above - std::log(last_drawn);
  // Where the Pareto tail reaches `last_drawn`.
  const bool exponential = std::fabs(k) < 1e-9;
  const double end = exponential ? row.scale * left : row.scale / k * std::expm1(k * left);
  if (x <= end) return exponential ? above - x / row.scale : above - std::log1p(k * x / row.scale) / k;
  const double hazard = 1 / (row.scale + k * end);
  return std::max(least_log_chance, std::log(last_drawn) - hazard * (x - end));
}

/// Of a value of at least `t` in a row of the table.
double logChance(const NullTable::Row& row, double t) {
  if (t >= row.quantile.back()) return logTailChance(row, t);
  double high = 1.0;
  double from = 0.0;
  for (std::size_t i = 0; i < row.quantile.size(); ++i) {
    if (t < row.quantile[i]) {
      const double width = row.quantile[i] - from;
      return std::log(width > 0 ? high + (NullTable::chances[i] - high) * (t - from) / width : high);
    }
    high = NullTable::chances[i];
    from = row.quantile[i];
  }
  return std::log(high);
}

/// 1 / sqrt(size), in which a row lies between its neighbours; 0 for the limit.
double placeOf(std::size_t size) { return NullTable::sizes[size] > 0 ? 1 / std::sqrt(NullTable::sizes[size]) : 0.0; }

}  // namespace

double NullTable::p(double effect, double reference_rows, double window_rows) const {
  CD4ML_CHECK(reference_rows > 0 && window_rows > 0);
  const double size = reference_rows * window_rows / (reference_rows + window_rows);
  const double t = effect * std::sqrt(size);
  const double place = std::min(1 / std::sqrt(size), placeOf(0));
  std::size_t below = 0;
  while (below + 2 < rows.size() && placeOf(below + 1) >= place) ++below;
  const double width = placeOf(below) - placeOf(below + 1);
  const double part = std::clamp((placeOf(below) - place) / width, 0.0, 1.0);
  const double first = logChance(rows[below], t);
  const double second = logChance(rows[below + 1], t);
  return std::min(1.0, std::exp(first + part * (second - first)));
}

double NullTable::critical(double chance, double reference_rows, double window_rows) const {
  double low = 0;
  double high = 1;
  while (p(high, reference_rows, window_rows) > chance && high < 1e6) high *= 2;
  for (int i = 0; i < 50; ++i) {
    const double middle = (low + high) / 2;
    (p(middle, reference_rows, window_rows) > chance ? low : high) = middle;
  }
  return high;
}

}  // namespace cd4ml::monitor
