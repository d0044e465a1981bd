/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_VMATH_H
#define MTC_VMATH_H

/*
 * Elementary functions that compilers can vectorise: no branch, no table, no call. Every operation is an IEEE operation
 * on one element, so the result of an element does not depend on the vector width (with -ffp-contract=off). Error
 * bounds are tested in tests/unit/test_vmath.c against 50-digit values.
 */

#include <stdint.h>

/** Mark a function that holds vectorisable loops: compiled for AVX2 as well, chosen when the program starts. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && !defined(__SANITIZE_THREAD__) &&                \
    !defined(__SANITIZE_ADDRESS__)
#define MTC_VECTORISED __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define MTC_VECTORISED
#endif

#define MTC_LN2 0.693147180559945309417
#define MTC_LN_2PI 1.83787706640934548356
#define MTC_INV_SQRT_2PI 0.398942280401432677940

typedef union {
    double d;
    uint64_t u;
} mtc_bits;

/** exp(x); relative error <= 3e-16; 0 below -708, capped at exp(709). */
static inline double mtc_vexp(double x)
{
    const double lowest = -708.0;
    double c = x < lowest ? lowest : x;
    c = c > 709.0 ? 709.0 : c;
    const double magic = 6755399441055744.0; /* 1.5 * 2^52: rounds to whole numbers */
    const double shifted = c * 1.4426950408889634074 + magic;
    const double k = shifted - magic;
    const double r = (c - k * 0x1.62e42fefa0000p-1) - k * 0x1.cf79abc9e3b3ap-40;
    double p = 1.0 / 6227020800.0;
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    mtc_bits s;
    s.d = shifted;
    mtc_bits scale;
    scale.u = (s.u + 1023u) << 52;
    return x < lowest ? 0.0 : p * scale.d;
}

/** Natural logarithm of a positive normal number; absolute error <= 2.3e-16 max(1, |log x|); below 1e-300 the log of
 * 1e-300. */
static inline double mtc_vlog(double x)
{
    mtc_bits b;
    b.d = x < 1e-300 ? 1e-300 : x;
    /* m in [sqrt(1/2), sqrt(2)): shift the exponent by the mantissa of sqrt(1/2) */
    const uint64_t offset = UINT64_C(0x3fe6a09e00000000);
    const uint64_t t = b.u - offset;
    const uint64_t e_bits = (t >> 52) ^ UINT64_C(0x800); /* biased so that it is never negative */
    mtc_bits e;
    e.u = (e_bits & UINT64_C(0xfff)) | UINT64_C(0x4330000000000000);
    const double k = e.d - (4503599627370496.0 + 2048.0);
    mtc_bits m;
    m.u = (t & UINT64_C(0x000fffffffffffff)) + offset;
    const double f = m.d - 1.0;
    const double s = f / (2.0 + f);
    const double z = s * s;
    double p = 2.0 / 21.0;
    p = p * z + 2.0 / 19.0;
    p = p * z + 2.0 / 17.0;
    p = p * z + 2.0 / 15.0;
    p = p * z + 2.0 / 13.0;
    p = p * z + 2.0 / 11.0;
    p = p * z + 2.0 / 9.0;
    p = p * z + 2.0 / 7.0;
    p = p * z + 2.0 / 5.0;
    p = p * z + 2.0 / 3.0;
    /* log(1 + f) = f - f^2/2 + s (f^2/2 + z p): exact leading term */
    const double hf = 0.5 * f * f;
    return k * 0x1.62e42fefa0000p-1 + (f - (hf - (s * (hf + z * p) + k * 0x1.cf79abc9e3b3ap-40)));
}

/**
 * Mills ratio Q(x)/phi(x) of the normal law, x >= 0; relative error <= 6e-16.
 * (x + 1) M(x) is a polynomial of degree 23 in (x - 5)/(x + 5); the idea of a single rational variable is that of
 * Shepherd & Laframboise 1981, Math. Comp. 36:249; coefficients computed for this project with 60 digits.
 */
static inline double mtc_vmills(double x)
{
    const double t = (x - 5.0) / (x + 5.0);
    double p = -0x1.06ea87375c5b4p-30;
    p = p * t + -0x1.84e4459756919p-31;
    p = p * t + 0x1.7b0f1fc3805e3p-27;
    p = p * t + 0x1.386a441084818p-27;
    p = p * t + -0x1.4d39d50792f0ep-24;
    p = p * t + -0x1.1afe8a6a10e00p-24;
    p = p * t + 0x1.082372888b676p-21;
    p = p * t + 0x1.582e3c1549ea5p-22;
    p = p * t + -0x1.b7debee1da49ep-19;
    p = p * t + -0x1.7aabc20eeba8dp-23;
    p = p * t + 0x1.7d010b3c70d15p-16;
    p = p * t + -0x1.a02c43d08b1aap-16;
    p = p * t + -0x1.19cda437ebfdcp-13;
    p = p * t + 0x1.df3ecb4614c01p-12;
    p = p * t + 0x1.47ab73fc90055p-16;
    p = p * t + -0x1.1355f4909ab39p-8;
    p = p * t + 0x1.0bd973acc40a7p-6;
    p = p * t + -0x1.37838b3a20ea3p-5;
    p = p * t + 0x1.f7d96e0d85ca6p-5;
    p = p * t + -0x1.0f103e712ef39p-4;
    p = p * t + 0x1.9ac85788f58b1p-6;
    p = p * t + 0x1.3e97eaf5f2f87p-4;
    p = p * t + -0x1.d5fd8ffd0f1aap-3;
    p = p * t + 0x1.28273b50efa76p+0;
    return p / (x + 1.0);
}

/** phi(z), density of the standard normal law. */
static inline double mtc_vphi(double z)
{
    return MTC_INV_SQRT_2PI * mtc_vexp(-0.5 * z * z);
}

/** P(Z > z), given phi = phi(z). */
static inline double mtc_vccdf(double z, double phi)
{
    const double a = z < 0.0 ? -z : z;
    const double q = phi * mtc_vmills(a);
    return z < 0.0 ? 1.0 - q : q;
}

/** log(1 + x), x >= 0, absolute error <= 4e-16 max(1, value); relative error of the same size also for small x. */
static inline double mtc_vlog1p(double x)
{
    const double y = 1.0 + x;
    const double lost = x - (y - 1.0); /* what the sum lost */
    return mtc_vlog(y) + (x > 1e15 ? 0.0 : lost / y);
}

#endif
