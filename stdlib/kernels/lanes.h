/// Lanes: eight rows at a time, the element type of every kernel.
///
/// A kernel is an inline function from lanes to lanes without memory, calls or traps, so it can run on whatever lies
/// under a null or in the padding. All arithmetic is IEEE double without contraction, fused multiply-adds are spelled
/// out: the bits are the same on every instruction set and in compiled and interpreted code.
#pragma once

#include <cstdint>

namespace cd4ml::kernels {

using F = double __attribute__((vector_size(64)));        ///< float64
using I = std::int64_t __attribute__((vector_size(64)));  ///< int64, or bits
using U = std::uint64_t __attribute__((vector_size(64)));
using M = I;                                              ///< mask: 0 or -1

#define CD4ML_LANES inline __attribute__((always_inline))

CD4ML_LANES F splat(double c) { return F{} + c; }
CD4ML_LANES I splatInt(std::int64_t c) { return I{} + c; }
CD4ML_LANES F bitsToFloat(I x) { return __builtin_bit_cast(F, x); }
CD4ML_LANES I floatToBits(F x) { return __builtin_bit_cast(I, x); }
CD4ML_LANES F pick(M m, F a, F b) { return m ? a : b; }
CD4ML_LANES I pickInt(M m, I a, I b) { return m ? a : b; }
CD4ML_LANES F fma(F a, F b, F c) { return __builtin_elementwise_fma(a, b, c); }
CD4ML_LANES F fma(F a, double b, F c) { return __builtin_elementwise_fma(a, splat(b), c); }
/// One step of Horner's rule.
CD4ML_LANES F horner(F x, F p, double c) { return __builtin_elementwise_fma(x, p, splat(c)); }
CD4ML_LANES F whole(F x) { return __builtin_elementwise_floor(x); }
CD4ML_LANES F magnitude(F x) { return bitsToFloat(floatToBits(x) & INT64_MAX); }
CD4ML_LANES I signBits(F x) { return floatToBits(x) & INT64_MIN; }
CD4ML_LANES F withSign(F x, I sign) { return bitsToFloat(floatToBits(x) | sign); }
CD4ML_LANES F nan() { return splat(__builtin_nan("")); }
CD4ML_LANES F infinity() { return splat(__builtin_inf()); }

/// Exact for |x| < 2^51.
CD4ML_LANES F smallToFloat(I x) { return bitsToFloat(x + 0x4338000000000000) - 0x1.8p52; }
/// Of a whole number with |x| < 2^51.
CD4ML_LANES I smallToInt(F x) { return floatToBits(x + 0x1.8p52) - 0x4338000000000000; }
/// Rounded down, exact for whole n with |n| < 2^50: half a unit keeps the product off the next whole number.
CD4ML_LANES F divideDown(F n, double d) { return whole((n + 0.5) * (1.0 / d)); }
/// 2^k for -1022 <= k <= 1023.
CD4ML_LANES F powerOfTwo(I k) { return bitsToFloat((k + 1023) << 52); }
/// x * 2^k in three factors, each in range: overflow and subnormals come out of the multiplications.
CD4ML_LANES F scaleByPower(F x, I k) {
  const I third = k / 3;
  return x * powerOfTwo(third) * powerOfTwo(third) * powerOfTwo(k - third - third);
}
CD4ML_LANES bool anyLane(M m) { return __builtin_reduce_or(m) != 0; }

/// An unevaluated sum hi + lo.
struct Pair {
  F hi, lo;
};
/// Exact sum; needs |a| >= |b| (Dekker).
CD4ML_LANES Pair quickSum(F a, F b) {
  const F s = a + b;
  return {s, b - (s - a)};
}
/// Exact sum (Knuth).
CD4ML_LANES Pair exactSum(F a, F b) {
  const F s = a + b;
  const F t = s - a;
  return {s, (a - (s - t)) + (b - t)};
}
CD4ML_LANES Pair exactProduct(F a, F b) {
  const F p = a * b;
  return {p, fma(a, b, -p)};
}

}  // namespace cd4ml::kernels
