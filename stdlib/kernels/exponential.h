/// Exponentials, logarithms and what is made of them, within about an ulp.
///
/// Reduction by powers of two (Cody and Waite 1980), Taylor series, and two-part sums where one double is not enough
/// (Dekker 1971). Series rather than tabulated polynomials: every coefficient can be checked by eye.
#pragma once

#include "stdlib/kernels/lanes.h"

namespace cd4ml::kernels {

/// ln 2 in two parts, the first short enough that a power's product with it is exact.
constexpr double ln2_high = 0x1.62e42fee00000p-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

/// (e^r - 1 - r) / r^2 for |r| <= 0.35.
CD4ML_LANES F expTail(F r) {
  F p = splat(1.0 / 87178291200.0);
  p = horner(r, p, 1.0 / 6227020800.0);
  p = horner(r, p, 1.0 / 479001600.0);
  p = horner(r, p, 1.0 / 39916800.0);
  p = horner(r, p, 1.0 / 3628800.0);
  p = horner(r, p, 1.0 / 362880.0);
  p = horner(r, p, 1.0 / 40320.0);
  p = horner(r, p, 1.0 / 5040.0);
  p = horner(r, p, 1.0 / 720.0);
  p = horner(r, p, 1.0 / 120.0);
  p = horner(r, p, 1.0 / 24.0);
  p = horner(r, p, 1.0 / 6.0);
  return horner(r, p, 0.5);
}

/// x = power * ln 2 + r + r_low.
struct Reduced {
  F r, r_low;
  I power;
};
CD4ML_LANES Reduced reduceExp(F x) {
  const F inside = pick(x > 1100.0, splat(1100.0), pick(x > -1100.0, x, splat(-1100.0)));
  const F k = fma(inside, 0x1.71547652b82fep0, splat(0x1.8p52)) - 0x1.8p52;
  const F high = fma(k, -ln2_high, inside);
  const F r = fma(k, -ln2_low, high);
  return {r, fma(k, -ln2_low, high - r), smallToInt(k)};
}

/// e^(x + low), low tiny.
CD4ML_LANES F expOfSum(F x, F low) {
  const Reduced t = reduceExp(x);
  const F r_low = t.r_low + pick(magnitude(x) < 1000.0, low, F{});
  const F tail = t.r * t.r * expTail(t.r);
  const F rest = tail + fma(t.r + tail, r_low, r_low);
  const F e = scaleByPower(1.0 + (t.r + rest), t.power);
  return pick(x != x, x, e);
}
CD4ML_LANES F exp_f(F x) { return expOfSum(x, F{}); }

CD4ML_LANES F expm1_f(F x) {
  const Reduced t = reduceExp(x);
  const F p = t.r + fma(t.r * t.r, expTail(t.r), t.r_low);
  // 2^k (1 + p) - 1: below 2^53 the two parts 2^k - 1 and 2^k p are added; above, the 1 is gone.
  const I k = pickInt(t.power > 1000, splatInt(1000), pickInt(t.power < -1000, splatInt(-1000), t.power));
  const F power = powerOfTwo(k);
  const F near = (power - 1.0) + power * p;
  const F far = scaleByPower(1.0 + p, t.power);
  const F e = pick(t.power > 60, far, pick(t.power == 0, p, near));
  return pick((x != x) | (x == 0.0), x, e);
}

/// x = 2^power * (1 + f) with 1 + f in [sqrt 1/2, sqrt 2), for normal x > 0.
struct Split {
  F f;
  I power;
};
CD4ML_LANES Split splitPower(F x) {
  constexpr std::int64_t root_half = 0x3fe6a09e00000000;
  const I h = floatToBits(x) + (0x3ff0000000000000 - root_half);
  return {bitsToFloat((h & 0x000fffffffffffff) + root_half) - 1.0, (h >> 52) - 0x3ff};
}
/// Subnormals are brought up by 2^54 first.
CD4ML_LANES Split splitAny(F x) {
  const M tiny = x < 0x1p-1022;
  Split s = splitPower(pick(tiny, x * 0x1p54, x));
  s.power -= tiny & 54;
  return s;
}

/// Σ 2 z^(n+skip) / (2n+1), n from `from`: the tail of log(1 + f) = 2 atanh(s) for s = f / (2 + f), z = s * s.
CD4ML_LANES F atanhFrom5(F z) {
  F p = splat(2.0 / 25.0);
  p = horner(z, p, 2.0 / 23.0);
  p = horner(z, p, 2.0 / 21.0);
  p = horner(z, p, 2.0 / 19.0);
  p = horner(z, p, 2.0 / 17.0);
  p = horner(z, p, 2.0 / 15.0);
  p = horner(z, p, 2.0 / 13.0);
  p = horner(z, p, 2.0 / 11.0);
  p = horner(z, p, 2.0 / 9.0);
  p = horner(z, p, 2.0 / 7.0);
  return horner(z, p, 2.0 / 5.0);
}
/// log(1 + f) less `f - half`, where half = f^2 / 2 was taken out: s * (half + tail).
CD4ML_LANES F logTail(F f, F half) {
  const F s = f / (f + 2.0);
  const F z = s * s;
  return s * (half + z * horner(z, atanhFrom5(z), 2.0 / 3.0));
}
/// power * ln 2 + log(1 + f) + low.
CD4ML_LANES F logOfSplit(Split x, F low) {
  const F half = x.f * x.f * 0.5;
  const F k = smallToFloat(x.power);
  const F small = logTail(x.f, half) + fma(k, ln2_low, low);
  return fma(k, ln2_high, x.f - (half - small));
}
/// The values a logarithm takes where its argument is not a positive finite number.
CD4ML_LANES F logEnds(F x, F value) {
  const F ends = pick(x == 0.0, -infinity(), pick(x < 0.0, nan(), x));
  return pick((x > 0.0) & (x < __builtin_inf()), value, ends);
}

CD4ML_LANES F log_f(F x) { return logEnds(x, logOfSplit(splitAny(x), F{})); }
CD4ML_LANES F log1p_f(F x) {
  const F u = x + 1.0;
  const Split s = splitPower(u);
  // What the addition of 1 lost, relative to u.
  const F lost = pick(x > 1.0, 1.0 - (u - x), x - (u - 1.0)) / u;
  const F value = logOfSplit(s, pick(s.power < 54, lost, F{}));
  return pick(x == 0.0, x, logEnds(u, pick(u == __builtin_inf(), u, value)));
}
CD4ML_LANES F log2_f(F x) {
  const Split s = splitAny(x);
  const F m = logOfSplit({s.f, I{}}, F{});
  const F scaled = m * 0x1.71547652b82fep0;
  const F low = fma(m, 0x1.71547652b82fep0, -scaled) + m * 0x1.777d0ffda0d24p-56;
  return logEnds(x, smallToFloat(s.power) + (scaled + low));
}
CD4ML_LANES F log10_f(F x) {
  const Split s = splitAny(x);
  const F m = logOfSplit({s.f, I{}}, F{});
  const F k = smallToFloat(s.power);
  const F scaled = m * 0x1.bcb7b1526e50ep-2;
  const F low = fma(m, 0x1.bcb7b1526e50ep-2, -scaled) + fma(m, 0x1.95355baaafad3p-57, k * 0x1.f79fef311f12bp-34);
  const Pair sum = exactSum(k * 0x1.3441350800000p-2, scaled);
  return logEnds(x, sum.hi + (sum.lo + low));
}

/// log x for normal x > 0 to about 2^-64.
CD4ML_LANES Pair logPair(F x) {
  const Split t = splitAny(x);
  const F d = t.f + 2.0;
  const F d_low = t.f - (d - 2.0);
  const F s = t.f / d;
  const F s_low = (fma(-s, d, t.f) - s * d_low) / d;
  const F z = s * s;
  const F z_low = fma(s, s, -z) + 2.0 * s * s_low;
  // 2 s + 2/3 s^3 + s^5 (…), the cubic term in two parts.
  const Pair cube = exactProduct(s, z);
  const F cube_low = cube.lo + fma(s, z_low, s_low * z);
  const Pair third = exactProduct(cube.hi, splat(0x1.5555555555555p-1));
  const F third_low = third.lo + fma(cube_low, 0x1.5555555555555p-1, cube.hi * 0x1.5555555555555p-55);
  const F rest = cube.hi * z * atanhFrom5(z);
  const F k = smallToFloat(t.power);
  const Pair a = quickSum(2.0 * s, third.hi);
  const F a_low = a.lo + (third_low + (2.0 * s_low + rest));
  const Pair b = exactSum(k * ln2_high, a.hi);
  const Pair c = exactProduct(k, splat(ln2_low));
  const Pair e = exactSum(b.hi, c.hi);
  return quickSum(e.hi, e.lo + (b.lo + (a_low + c.lo)));
}

CD4ML_LANES F pow_ff(F x, F y) {
  const F size = magnitude(x);
  const M usual = (size > 0.0) & (size < __builtin_inf()) & (magnitude(y) < __builtin_inf());
  const Pair log = logPair(pick(usual, size, splat(1.0)));
  // Beyond 2^60 the product leaves the range whatever the last bits are.
  const F bound = pick(y > 0x1p60, splat(0x1p60), pick(y < -0x1p60, splat(-0x1p60), y));
  const F factor = pick(usual, bound, F{});
  const Pair product = exactProduct(log.hi, factor);
  F power = expOfSum(product.hi, fma(log.lo, factor, product.lo));
  const M nothing = size == 0.0;
  const M grows = (size > 1.0) ^ (y < 0.0);
  const F ends = pick(nothing | (size == __builtin_inf()) | (size != 1.0), pick(grows, infinity(), F{}), splat(1.0));
  power = pick(usual, power, ends);
  const M is_whole = (__builtin_elementwise_floor(y) == y);
  const M is_odd = is_whole & (magnitude(y) < 0x1p53) & (whole(y * 0.5) * 2.0 != y);
  power = withSign(power, signBits(x) & is_odd);
  power = pick((x < 0.0) & ~is_whole & (size < __builtin_inf()), nan(), power);
  power = pick((x != x) | (y != y), x + y, power);
  return pick((y == 0.0) | (x == 1.0), splat(1.0), power);
}

CD4ML_LANES F cbrt_f(F x) {
  const F size = magnitude(x);
  const M usual = (size > 0.0) & (size < __builtin_inf());
  const M tiny = size < 0x1p-900;
  const M huge = size > 0x1p900;
  const F a = pick(usual, pick(tiny, size * 0x1p300, pick(huge, size * 0x1p-300, size)), splat(1.0));
  F y = exp_f(log_f(a) * (1.0 / 3.0));
  // One step of Newton's method with the cube's rounding errors brought in.
  const Pair square = exactProduct(y, y);
  const F error = fma(square.hi, y, -a) + square.lo * y;
  y = y - error / (3.0 * square.hi);
  y = pick(tiny, y * 0x1p-100, pick(huge, y * 0x1p100, y));
  return pick(usual, withSign(y, signBits(x)), x);
}

CD4ML_LANES F sinh_f(F x) {
  const F size = magnitude(x);
  const F e = expm1_f(pick(size > 700.0, splat(700.0), size));
  const F half = exp_f(size * 0.5);
  const F value = pick(size > 40.0, half * 0.5 * half, 0.5 * (e + e / (e + 1.0)));
  return pick((x != x) | (x == 0.0), x, withSign(value, signBits(x)));
}
CD4ML_LANES F cosh_f(F x) {
  const F size = magnitude(x);
  const F e = exp_f(pick(size > 700.0, splat(700.0), size));
  const F half = exp_f(size * 0.5);
  return pick(x != x, x, pick(size > 40.0, half * 0.5 * half, 0.5 * e + 0.5 / e));
}
CD4ML_LANES F tanh_f(F x) {
  const F size = magnitude(x);
  const F e = expm1_f(2.0 * pick(size > 30.0, splat(30.0), size));
  const F value = pick(size > 22.0, splat(1.0), e / (e + 2.0));
  return pick((x != x) | (x == 0.0), x, withSign(value, signBits(x)));
}
CD4ML_LANES F sigmoid_f(F x) {
  const F e = exp_f(-magnitude(x));
  return pick(x != x, x, pick(x < 0.0, e, splat(1.0)) / (1.0 + e));
}
CD4ML_LANES F logit_f(F x) {
  const F odds = x / (1.0 - x);
  const F near = log1p_f((2.0 * x - 1.0) / (1.0 - x));
  const F value = pick((x > 0.25) & (x < 0.75), near, log_f(odds));
  return pick((x >= 0.0) & (x < 1.0), value, pick(x == 1.0, infinity(), pick(x != x, x, nan())));
}
CD4ML_LANES F hypot_ff(F x, F y) {
  const F a = magnitude(x);
  const F b = magnitude(y);
  const F most = pick(a > b, a, b);
  const F least = pick(a > b, b, a);
  const M huge = most > 0x1p500;
  const M tiny = most < 0x1p-450;
  const F scale = pick(huge, splat(0x1p-600), pick(tiny, splat(0x1p600), splat(1.0)));
  const F back = pick(huge, splat(0x1p600), pick(tiny, splat(0x1p-600), splat(1.0)));
  const F p = most * scale;
  const F q = least * scale;
  const Pair pp = exactProduct(p, p);
  const Pair qq = exactProduct(q, q);
  const Pair sum = quickSum(pp.hi, qq.hi);
  const F low = sum.lo + (pp.lo + qq.lo);
  const F root = __builtin_elementwise_sqrt(sum.hi + low);
  const F value = root * back;
  const F size = pick((a != a) | (b != b), a + b, value);
  return pick((a == __builtin_inf()) | (b == __builtin_inf()), infinity(), size);
}

}  // namespace cd4ml::kernels
