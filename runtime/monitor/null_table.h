/// How far a window of rows may lie from its reference by chance: the null distribution of W1/σ, by size of the window.
///
/// Made by drawing windows again and again from the reference itself (a bootstrap), so it holds for heavy tails, ties and
/// columns of zeros, where no formula does. Kept are a few quantiles of effect * sqrt(size) for a few sizes and a
/// generalised Pareto tail above the 95 % quantile. A reference of n rows against a window of m counts as one window of
/// n m / (n + m) rows.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace cd4ml::monitor {

class NullTable {
 public:
  /// Sizes of the windows that were drawn; the last stands for all larger ones (the limit of the central limit theorem).
  static constexpr std::array<double, 7> sizes{50, 100, 200, 500, 1000, 2500, 0};
  /// Chances of a value at least as great as the quantile kept for it.
  static constexpr std::array<double, 7> chances{0.9, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05};

  struct Row {
    std::array<double, chances.size()> quantile{};
    double scale = 0;   ///< of the tail above the last quantile
    double shape = 0;
  };
  std::array<Row, sizes.size()> rows{};

  /// The chance of an effect at least as great where nothing has changed. Never 0.
  [[nodiscard]] double p(double effect, double reference_rows, double window_rows) const;
  /// The effect of which the chance is `p`, for `threshold` in results.
  [[nodiscard]] double critical(double p, double reference_rows, double window_rows) const;
};

/// A reference as the drawing needs it: the mean of the values between neighbouring places of a fixed grid of shares.
/// `rising` values, each as often as its weight says (once without weights), divided by `scale`.
class NullProfile {
 public:
  NullProfile(std::span<const double> rising, double scale, std::span<const double> weights = {});

 private:
  friend std::vector<NullTable> makeNullTables(std::span<const NullProfile> profiles, int threads);
  std::vector<float> steps_;  ///< between neighbouring means, over the scale
};

/// The tables of several references. All meet the same draws, which depend on nothing but a constant seed.
[[nodiscard]] std::vector<NullTable> makeNullTables(std::span<const NullProfile> profiles, int threads);

}  // namespace cd4ml::monitor
