/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_LOGMATH_H
#define MTC_LOGMATH_H

#include "mtc_status.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Arithmetic on natural logarithms of numbers >= 0; -INFINITY stands for zero. No function here makes a NaN from
 * arguments that are none. Errors are relative errors of the result in units of its last place (ulp) where a result is
 * "ulp", and absolute errors in units of epsilon = 2^-52 times the largest of the logarithms involved, at least 1,
 * where it is "eps": a logarithm near 0 that is the difference of larger ones cannot be better. Tested against
 * tests/golden/core_logmath.csv (50 digits).
 */

/** log(exp(a) + exp(b)), 2 eps. log_add(-inf, b) = b; +inf where either is. */
MTC_API double mtc_log_add(double a, double b);

/** log(exp(a) - exp(b)) for a >= b, 4 eps beside the rounding of a - b. -INFINITY where a <= b; a where b is -inf. */
MTC_API double mtc_log_sub(double a, double b);

/** log of the sum of exp(x[i]), 4 eps for any n (compensated, in the order given). -INFINITY for n = 0. */
MTC_API double mtc_log_sum(const double *x, size_t n);

/** log of the mean of exp(x[i]), 6 eps. -INFINITY for n = 0. */
MTC_API double mtc_log_mean(const double *x, size_t n);

/** log(1 - exp(-x)), x >= 0, relative error <= 1.2 x 2^-52. -INFINITY at 0 and below; -0 at +inf. Maechler 2012 (Rmpfr
 * vignette log1mexp). */
MTC_API double mtc_log1mexp(double x);

/** log(p / (1 - p)), 4 ulp. -INFINITY at 0 and below, +INFINITY at 1 and above. */
MTC_API double mtc_logit(double p);

/** 1 / (1 + exp(-x)), 4 ulp; 0 and 1 at the infinities. */
MTC_API double mtc_sigmoid(double x);

/** log(1 / (1 + exp(-x))), 4 ulp; -INFINITY at -inf, -0 at +inf. */
MTC_API double mtc_log_sigmoid(double x);

#ifdef __cplusplus
}
#endif
#endif
