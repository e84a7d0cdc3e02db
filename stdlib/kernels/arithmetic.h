/// Arithmetic, comparison, logic and casts. A kernel NAME that may fail has a NAME_fails: true where NAME has no value.
#pragma once

#include "stdlib/kernels/lanes.h"

namespace cd4ml::kernels {

CD4ML_LANES I add_ii(I a, I b) { return (I)((U)a + (U)b); }
CD4ML_LANES M add_ii_fails(I a, I b) {
  const I s = add_ii(a, b);
  return ((a ^ s) & (b ^ s)) < 0;
}
CD4ML_LANES I sub_ii(I a, I b) { return (I)((U)a - (U)b); }
CD4ML_LANES M sub_ii_fails(I a, I b) { return ((a ^ b) & (a ^ sub_ii(a, b))) < 0; }
CD4ML_LANES I mul_ii(I a, I b) { return (I)((U)a * (U)b); }
CD4ML_LANES M mul_ii_fails(I a, I b) {
  M out{};
  for (int l = 0; l < 8; ++l) {
    std::int64_t ignored = 0;
    out[l] = __builtin_mul_overflow(a[l], b[l], &ignored) ? -1 : 0;
  }
  return out;
}
CD4ML_LANES M floordiv_ii_fails(I a, I b) { return (b == 0) | ((a == INT64_MIN) & (b == -1)); }
CD4ML_LANES I floordiv_ii(I a, I b) {
  const I divisor = pickInt(floordiv_ii_fails(a, b), splatInt(1), b);
  const I q = a / divisor;
  const I r = a - q * divisor;
  return q + ((r != 0) & ((r ^ divisor) < 0));
}
CD4ML_LANES M mod_ii_fails(I, I b) { return b == 0; }
CD4ML_LANES I mod_ii(I a, I b) {
  const I divisor = pickInt((b == 0) | (b == -1), splatInt(1), b);
  const I r = a % divisor;
  return r + pickInt((r != 0) & ((r ^ divisor) < 0), divisor, I{});
}
CD4ML_LANES I neg_i(I a) { return sub_ii(I{}, a); }
CD4ML_LANES M neg_i_fails(I a) { return a == INT64_MIN; }
CD4ML_LANES I abs_i(I a) { return pickInt(a < 0, neg_i(a), a); }
CD4ML_LANES M abs_i_fails(I a) { return a == INT64_MIN; }
CD4ML_LANES I sign_i(I a) { return (a < 0) - (a > 0); }
CD4ML_LANES I min_ii(I a, I b) { return pickInt(b < a, b, a); }
CD4ML_LANES I max_ii(I a, I b) { return pickInt(b > a, b, a); }

CD4ML_LANES F add_ff(F a, F b) { return a + b; }
CD4ML_LANES F sub_ff(F a, F b) { return a - b; }
CD4ML_LANES F mul_ff(F a, F b) { return a * b; }
CD4ML_LANES F div_ff(F a, F b) { return a / b; }
CD4ML_LANES F neg_f(F a) { return -a; }
CD4ML_LANES F abs_f(F a) { return magnitude(a); }
CD4ML_LANES F sign_f(F a) { return pick(a > 0.0, splat(1.0), pick(a < 0.0, splat(-1.0), a)); }
/// -0.0 is below 0.0.
CD4ML_LANES F min_ff(F a, F b) {
  const F least = pick(a < b, a, pick(b < a, b, bitsToFloat(floatToBits(a) | floatToBits(b))));
  return pick((a != a) | (b != b), a + b, least);
}
CD4ML_LANES F max_ff(F a, F b) {
  const F most = pick(a > b, a, pick(b > a, b, bitsToFloat(floatToBits(a) & floatToBits(b))));
  return pick((a != a) | (b != b), a + b, most);
}
CD4ML_LANES F floor_f(F a) { return whole(a); }
CD4ML_LANES F ceil_f(F a) { return __builtin_elementwise_ceil(a); }
CD4ML_LANES F round_f(F a) { return __builtin_elementwise_roundeven(a); }
CD4ML_LANES F trunc_f(F a) { return __builtin_elementwise_trunc(a); }
CD4ML_LANES F sqrt_f(F a) { return __builtin_elementwise_sqrt(a); }

/// `usable`: mean and std are there. 0 where they cannot scale.
CD4ML_LANES F standardize_fffb(F x, F mean, F std, M usable) {
  const M scales = usable & (std != 0.0) & (magnitude(std) < __builtin_inf());
  return pick(scales, (x - mean) / std, F{});
}
CD4ML_LANES F min_max_fffb(F x, F low, F high, M usable) {
  const F range = high - low;
  const M scales = usable & (range != 0.0) & (magnitude(range) < __builtin_inf());
  return pick(scales, (x - low) / range, F{});
}
/// `below` plus one where x is not under the edge.
CD4ML_LANES I bucket_step_if(I below, F x, F edge) { return below + 1 + (x < edge); }

CD4ML_LANES M is_nan_f(F a) { return a != a; }
CD4ML_LANES M is_finite_f(F a) { return magnitude(a) < __builtin_inf(); }
CD4ML_LANES M is_inf_f(F a) { return magnitude(a) == __builtin_inf(); }
CD4ML_LANES M eq_ff(F a, F b) { return a == b; }
CD4ML_LANES M ne_ff(F a, F b) { return a != b; }
CD4ML_LANES M lt_ff(F a, F b) { return a < b; }
CD4ML_LANES M le_ff(F a, F b) { return a <= b; }
CD4ML_LANES M gt_ff(F a, F b) { return a > b; }
CD4ML_LANES M ge_ff(F a, F b) { return a >= b; }
CD4ML_LANES M eq_ii(I a, I b) { return a == b; }
CD4ML_LANES M ne_ii(I a, I b) { return a != b; }
CD4ML_LANES M lt_ii(I a, I b) { return a < b; }
CD4ML_LANES M le_ii(I a, I b) { return a <= b; }
CD4ML_LANES M gt_ii(I a, I b) { return a > b; }
CD4ML_LANES M ge_ii(I a, I b) { return a >= b; }
CD4ML_LANES M eq_bb(M a, M b) { return ~(a ^ b); }
CD4ML_LANES M ne_bb(M a, M b) { return a ^ b; }

/// Masks: the values of bools, validity and errors alike.
CD4ML_LANES M both_bb(M a, M b) { return a & b; }
CD4ML_LANES M either_bb(M a, M b) { return a | b; }
CD4ML_LANES M not_b(M a) { return ~a; }
CD4ML_LANES F select_bff(M c, F a, F b) { return pick(c, a, b); }
CD4ML_LANES I select_bii(M c, I a, I b) { return pickInt(c, a, b); }
CD4ML_LANES M select_bbb(M c, M a, M b) { return (c & a) | (~c & b); }

CD4ML_LANES F i_to_f(I a) { return __builtin_convertvector(a, F); }
CD4ML_LANES M f_to_i_fails(F a) { return ~((a >= -0x1p63) & (a < 0x1p63)); }
CD4ML_LANES I f_to_i(F a) { return __builtin_convertvector(pick(f_to_i_fails(a), F{}, a), I); }
CD4ML_LANES I b_to_i(M a) { return a & 1; }
CD4ML_LANES F b_to_f(M a) { return bitsToFloat(a & 0x3ff0000000000000); }
CD4ML_LANES M i_to_b(I a) { return a != 0; }

/// Place of a category code in a table: 0 for null and what is no code, else code + 1.
CD4ML_LANES I table_index_iib(I code, I levels, M there) { return pickInt(there & (code >= 0) & (code < levels), code + 1, I{}); }

}  // namespace cd4ml::kernels
