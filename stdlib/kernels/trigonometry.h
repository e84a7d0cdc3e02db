/// Trigonometric functions within about an ulp (tan, asin, acos within two and a half), exact reduction at every size.
///
/// Up to 2^20 the reduction is Cody and Waite's with pi/2 in three parts; beyond, the product with 2/pi is formed in
/// whole numbers from as many of its bits as matter (Payne and Hanek 1983), one lane after the other.
#pragma once

#include "stdlib/kernels/lanes.h"

namespace cd4ml::kernels {

/// x = quarter * pi/2 + r + r_low, |r| <= pi/4.
struct Angle {
  F r, r_low;
  I quarter;
};

/// 2/pi in binary, 64 bits a word.
inline constexpr std::uint64_t two_over_pi[20] = {
    0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561, 0xb7246e3a424dd2e0,
    0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41, 0x3991d639835339f4,
    0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7, 0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab, 0xf0cfbc209af4361d};

struct WideAngle {
  double r, r_low;
  std::int64_t quarter;
};
/// Of a finite x with x >= 2^20.
inline __attribute__((noinline)) WideAngle reduceWide(double x) {
  const auto bits = __builtin_bit_cast(std::uint64_t, x);
  const std::uint64_t mantissa = (bits & 0x000fffffffffffff) | 0x0010000000000000;
  const int exponent = static_cast<int>(bits >> 52) - 1075;  // x = mantissa * 2^exponent
  // Bits of 2/pi above 2^(2 - exponent) give multiples of 4: leave them out. Three words of what follows.
  const int first = exponent > 2 ? exponent - 2 : 0;
  std::uint64_t w[3];
  for (int i = 0; i < 3; ++i) {
    const int word = first / 64 + i;
    const int shift = first % 64;
    w[i] = shift == 0 ? two_over_pi[word] : (two_over_pi[word] << shift) | (two_over_pi[word + 1] >> (64 - shift));
  }
  // mantissa * w in four words; what lies above them are multiples of 4.
  using Wide = unsigned __int128;
  const Wide p2 = static_cast<Wide>(mantissa) * w[2];
  const Wide p1 = static_cast<Wide>(mantissa) * w[1] + static_cast<std::uint64_t>(p2 >> 64);
  const Wide p0 = static_cast<Wide>(mantissa) * w[0] + static_cast<std::uint64_t>(p1 >> 64);
  // The product is (p0, p1, p2) * 2^(whole_bits - 192): its unit lies whole_bits below the top of the lower word of p0.
  const int whole_bits = exponent - first;
  std::uint64_t quarter = 0;
  Wide fraction = 0;
  auto low = static_cast<std::uint64_t>(p2);
  const auto middle = static_cast<std::uint64_t>(p1);
  if (whole_bits > 0) {
    quarter = static_cast<std::uint64_t>(p0 >> (64 - whole_bits));
    fraction = ((p0 << 64 | middle) << whole_bits) | (low >> (64 - whole_bits));
    low <<= whole_bits;
  } else if (whole_bits == 0) {
    quarter = static_cast<std::uint64_t>(p0 >> 64);
    fraction = p0 << 64 | middle;
  } else {
    const int down = -whole_bits;
    quarter = static_cast<std::uint64_t>(p0 >> (64 + down));
    low = (low >> down) | (middle << (64 - down));
    fraction = (p0 << (64 - down)) | (middle >> down);
  }
  bool negative = false;
  if ((fraction >> 127) != 0) {  // the nearest quarter is the next one
    quarter += 1;
    fraction = ~fraction;
    low = ~low;
    negative = true;
  }
  // fraction * 2^-128 as a sum of two doubles.
  const int zeros = (fraction >> 64) != 0 ? __builtin_clzll(static_cast<std::uint64_t>(fraction >> 64))
                                          : 64 + __builtin_clzll(static_cast<std::uint64_t>(fraction) | 1);
  if (zeros > 0 && zeros < 64) fraction = (fraction << zeros) | (low >> (64 - zeros));
  if (zeros >= 64) fraction = (fraction << zeros) | (static_cast<Wide>(low) << (zeros - 64));
  const double scale = __builtin_bit_cast(double, static_cast<std::uint64_t>(1023 - 128 - zeros) << 52);
  const auto top = static_cast<std::uint64_t>(fraction >> 75);  // 53 bits
  const auto next = static_cast<std::uint64_t>((fraction >> 22) & ((std::uint64_t{1} << 53) - 1));
  const double high = static_cast<double>(top) * 0x1p75 * scale;
  const double rest = static_cast<double>(next) * 0x1p22 * scale;
  // Times pi/2 in two parts.
  const double r = high * 0x1.921fb54442d18p+0;
  const double r_low = __builtin_fma(high, 0x1.921fb54442d18p+0, -r) + (rest * 0x1.921fb54442d18p+0 + high * 0x1.1a62633145c07p-54);
  const double sum = r + r_low;
  const double sum_low = r_low - (sum - r);
  return {negative ? -sum : sum, negative ? -sum_low : sum_low, static_cast<std::int64_t>(quarter)};
}

CD4ML_LANES Angle reduceAngle(F x) {
  const F size = magnitude(x);
  const M wide = size > 0x1p20;
  const F near = pick(wide, F{}, x);
  const F shifted = fma(near, 0x1.45f306dc9c883p-1, splat(0x1.8p52));
  const F n = shifted - 0x1.8p52;
  const F a = fma(n, -0x1.921fb544p+0, near);
  const Pair b = exactProduct(n, splat(-0x1.0b4611a626331p-34));
  const Pair c = exactSum(a, b.hi);
  Angle out{c.hi, (c.lo + b.lo) - n * 0x1.1701b839a2520p-88, floatToBits(shifted)};
  if (anyLane(wide & (size < __builtin_inf()))) {
    for (int l = 0; l < 8; ++l) {
      if (wide[l] == 0 || !(size[l] < __builtin_inf())) continue;
      const WideAngle w = reduceWide(size[l]);
      const bool negative = x[l] < 0;
      out.r[l] = negative ? -w.r : w.r;
      out.r_low[l] = negative ? -w.r_low : w.r_low;
      out.quarter[l] = negative ? -w.quarter : w.quarter;
    }
  }
  return out;
}

CD4ML_LANES F sineNear(F r, F low) {
  const F z = r * r;
  F p = splat(-1.0 / 121645100408832000.0);
  p = horner(z, p, 1.0 / 355687428096000.0);
  p = horner(z, p, -1.0 / 1307674368000.0);
  p = horner(z, p, 1.0 / 6227020800.0);
  p = horner(z, p, -1.0 / 39916800.0);
  p = horner(z, p, 1.0 / 362880.0);
  p = horner(z, p, -1.0 / 5040.0);
  p = horner(z, p, 1.0 / 120.0);
  p = horner(z, p, -1.0 / 6.0);
  // sin(r + low) = r + (r^3 p + low cos r), cos r to the first order.
  return r + fma(z * r, p, fma(z * low, -0.5, low));
}
CD4ML_LANES F cosineNear(F r, F low) {
  const F z = r * r;
  F p = splat(-1.0 / 6402373705728000.0);
  p = horner(z, p, 1.0 / 20922789888000.0);
  p = horner(z, p, -1.0 / 87178291200.0);
  p = horner(z, p, 1.0 / 479001600.0);
  p = horner(z, p, -1.0 / 3628800.0);
  p = horner(z, p, 1.0 / 40320.0);
  p = horner(z, p, -1.0 / 720.0);
  p = horner(z, p, 1.0 / 24.0);
  const F half = z * 0.5;
  const F lead = 1.0 - half;
  return lead + (((1.0 - lead) - half) + fma(z * z, p, -(r * low)));
}
CD4ML_LANES F turned(F value, I quarter) { return bitsToFloat(floatToBits(value) ^ ((quarter & 2) << 62)); }

CD4ML_LANES F sin_f(F x) {
  const Angle t = reduceAngle(x);
  const F value = turned(pick((t.quarter & 1) != 0, cosineNear(t.r, t.r_low), sineNear(t.r, t.r_low)), t.quarter);
  return pick(magnitude(x) < __builtin_inf(), pick(x == 0.0, x, value), x - x);
}
CD4ML_LANES F cos_f(F x) {
  const Angle t = reduceAngle(x);
  const F value = turned(pick((t.quarter & 1) != 0, sineNear(t.r, t.r_low), cosineNear(t.r, t.r_low)), t.quarter + 1);
  return pick(magnitude(x) < __builtin_inf(), value, x - x);
}
CD4ML_LANES F tan_f(F x) {
  const Angle t = reduceAngle(x);
  const F s = sineNear(t.r, t.r_low);
  const F c = cosineNear(t.r, t.r_low);
  const M odd = (t.quarter & 1) != 0;
  const F value = pick(odd, -c, s) / pick(odd, s, c);
  return pick(magnitude(x) < __builtin_inf(), pick(x == 0.0, x, value), x - x);
}

/// atan(n / d) for 0 <= n <= d, d > 0: the quotient is brought near 0 by the nearest quarter c of 0, 1/4 … 1.
CD4ML_LANES Pair atanRatio(F n, F d) {
  const F c = __builtin_elementwise_roundeven(n / d * 4.0) * 0.25;
  const M none = c == 0.0;
  const F top = fma(-c, d, n);
  const F u = pick(none, n, top) / pick(none, d, fma(c, n, d));
  const F z = u * u;
  F p = splat(1.0 / 21.0);
  p = horner(z, p, -1.0 / 19.0);
  p = horner(z, p, 1.0 / 17.0);
  p = horner(z, p, -1.0 / 15.0);
  p = horner(z, p, 1.0 / 13.0);
  p = horner(z, p, -1.0 / 11.0);
  p = horner(z, p, 1.0 / 9.0);
  p = horner(z, p, -1.0 / 7.0);
  p = horner(z, p, 1.0 / 5.0);
  p = horner(z, p, -1.0 / 3.0);
  const F base = pick(c == 0.25, splat(0x1.f5b75f92c80ddp-3), pick(c == 0.5, splat(0x1.dac670561bb4fp-2),
                 pick(c == 0.75, splat(0x1.4978fa3269ee1p-1), pick(c == 1.0, splat(0x1.921fb54442d18p-1), F{}))));
  const F base_low = pick(c == 0.25, splat(0x1.8ab6e3cf7afbdp-57), pick(c == 0.5, splat(0x1.a2b7f222f65e2p-56),
                     pick(c == 0.75, splat(0x1.2419a87f2a458p-56), pick(c == 1.0, splat(0x1.1a62633145c07p-55), F{}))));
  const Pair sum = quickSum(base, u);
  const F tail = fma(u * z, p, base_low);
  return {pick(none, u, sum.hi), pick(none, u * z * p, sum.lo + tail)};
}
/// Angle of (x, y) for y >= 0.
CD4ML_LANES F atanQuadrants(F y, F x) {
  const F size = magnitude(x);
  const M steep = y > size;
  const M left = signBits(x) != 0;
  const F n = pick(steep, size, y);
  const F d = pick(steep, y, size);
  // Equal infinities count as 1 / 1, two zeros as 0 / 1; both large or small: scaled, the ratio is what matters.
  const M infinite = d == __builtin_inf();
  const F scale = pick(d > 0x1p900, splat(0x1p-600), pick(d < 0x1p-900, splat(0x1p600), splat(1.0)));
  const F n_scaled = pick(infinite, pick(n == __builtin_inf(), splat(1.0), F{}), n * scale);
  const F d_scaled = pick(infinite | (d == 0.0), splat(1.0), d * scale);
  const Pair a = atanRatio(n_scaled, d_scaled);
  const F flat = a.hi + a.lo;
  const F up = 0x1.921fb54442d18p+0 - a.hi + (0x1.1a62633145c07p-54 - a.lo + ((0x1.921fb54442d18p+0 - (0x1.921fb54442d18p+0 - a.hi)) - a.hi));
  const F up_left = 0x1.921fb54442d18p+0 + a.hi + (0x1.1a62633145c07p-54 + a.lo + (a.hi - ((0x1.921fb54442d18p+0 + a.hi) - 0x1.921fb54442d18p+0)));
  const F back = 0x1.921fb54442d18p+1 - a.hi + (0x1.1a62633145c07p-53 - a.lo + ((0x1.921fb54442d18p+1 - (0x1.921fb54442d18p+1 - a.hi)) - a.hi));
  return pick(steep, pick(left, up_left, up), pick(left, back, flat));
}
CD4ML_LANES F atan2_ff(F y, F x) {
  const F value = withSign(atanQuadrants(magnitude(y), x), signBits(y));
  return pick((x != x) | (y != y), x + y, value);
}
CD4ML_LANES F atan_f(F x) { return pick((x != x) | (x == 0.0), x, atan2_ff(x, splat(1.0))); }
CD4ML_LANES F asin_f(F x) {
  const F other = __builtin_elementwise_sqrt((1.0 - x) * (1.0 + x));
  return pick(magnitude(x) <= 1.0, pick(x == 0.0, x, atan2_ff(x, other)), pick(x != x, x, nan()));
}
CD4ML_LANES F acos_f(F x) {
  const F other = __builtin_elementwise_sqrt((1.0 - x) * (1.0 + x));
  return pick(magnitude(x) <= 1.0, atan2_ff(other, x), pick(x != x, x, nan()));
}
CD4ML_LANES F haversine_ffff(F latitude_1, F longitude_1, F latitude_2, F longitude_2) {
  constexpr double radian = 0x1.1df46a2529d39p-6;
  const F up = sin_f((latitude_2 - latitude_1) * (radian * 0.5));
  const F along = sin_f((longitude_2 - longitude_1) * (radian * 0.5));
  const F h = fma(up, up, cos_f(latitude_1 * radian) * cos_f(latitude_2 * radian) * along * along);
  const F root = __builtin_elementwise_sqrt(pick(h > 1.0, splat(1.0), h));
  return 2.0 * 6371.0088 * asin_f(root);
}

}  // namespace cd4ml::kernels
