// Every lane kernel as a function of its own name, for compiled code to inline.
#include "stdlib/kernels/all.h"

using cd4ml::kernels::F;
using cd4ml::kernels::I;
using cd4ml::kernels::M;

#define CD4ML_EXPORT extern "C" __attribute__((always_inline))
#define CD4ML_LANE1(name, R, A) CD4ML_EXPORT R name(A a) { return cd4ml::kernels::name(a); }
#define CD4ML_LANE2(name, R, A, B) CD4ML_EXPORT R name(A a, B b) { return cd4ml::kernels::name(a, b); }
#define CD4ML_LANE3(name, R, A, B, C) CD4ML_EXPORT R name(A a, B b, C c) { return cd4ml::kernels::name(a, b, c); }
#define CD4ML_LANE4(name, R, A, B, C, D) CD4ML_EXPORT R name(A a, B b, C c, D d) { return cd4ml::kernels::name(a, b, c, d); }
#include "stdlib/kernels/lane_kernels.def"
