/// The distance that earth must be moved to turn one sample into the other, and the wide clip that keeps it finite.
///
/// Of sorted samples: the area between their distribution functions. Divided by the standard deviation of the reference
/// it is the effect of the default rule: a shift of the mean by 0.1 standard deviations is 0.1.
#pragma once

#include <span>
#include <vector>

namespace cd4ml::monitor {

/// Of two rising samples of finite numbers, neither empty.
[[nodiscard]] double wasserstein(std::span<const double> a, std::span<const double> b);

/// Where values are clipped: [q.001 - R, q.999 + R] with R = q.999 - q.001. A sensor that is stuck far outside still
/// counts, one absurd value does not decide. If R is 0 the whole span of the values takes its place.
struct Clip {
  double low = 0;
  double high = 0;
};
[[nodiscard]] Clip wideClip(std::span<const double> rising);

/// Quantile of a rising sample, linear between its values (type 7).
[[nodiscard]] double quantileOf(std::span<const double> rising, double share);

/// wasserstein / σ of the reference, both clipped as the reference says; NaN for a constant reference.
[[nodiscard]] double wassersteinEffect(std::vector<double> reference, std::vector<double> window);

}  // namespace cd4ml::monitor
