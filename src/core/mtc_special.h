/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_SPECIAL_H
#define MTC_SPECIAL_H

#include "mtc_status.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The normal law and a few logarithms. All are defined for every argument that is no NaN, the infinities included, and
 * hold their relative accuracy in both tails. Tested against tests/golden/core_special.csv (mpmath, 40 digits).
 */

/** Log of the standard normal density; relative error <= 1e-15. */
MTC_API double mtc_log_normal_pdf(double x);
/** P(X <= x), standard normal; relative error <= 2e-15 down to the smallest normal number (x about -37.5). */
MTC_API double mtc_normal_cdf(double x);
/** P(X > x), the same accuracy in the upper tail. */
MTC_API double mtc_normal_ccdf(double x);
/** log P(X <= x) for all x; relative error <= 2e-15. About -x^2/2 far down, -P(X > x) far up. */
MTC_API double mtc_log_normal_cdf(double x);
/**
 * log P(a < X <= b), accurate for narrow and wide intervals anywhere: relative error <= 4e-15.
 * -INFINITY where a >= b.
 */
MTC_API double mtc_log_normal_cdf_diff(double a, double b);
/**
 * x with P(X <= x) = p and P(X > x) = q = 1 - p; the smaller of the two decides, so that a q below epsilon is not lost.
 * -INFINITY at p = 0, +INFINITY at q = 0. Relative error <= 4e-15 (that of 1 - 2 p where p is near 1/2).
 * Source: Wichura 1988, AS 241, doi:10.2307/2347330 (through GSL).
 */
MTC_API double mtc_normal_quantile(double p, double q);
/**
 * Hazard of the standard normal, pdf(x) / P(X > x) (the reciprocal of Mills' ratio); relative error <= 4e-15 above
 * -37. The lower-tail ratio pdf(x) / P(X <= x), which is the derivative of mtc_log_normal_cdf, is
 * mtc_normal_hazard(-x).
 */
MTC_API double mtc_normal_hazard(double x);
/** exp(x^2) erfc(x); relative error <= 4e-15. +INFINITY below about -26.6, where it exceeds all numbers. */
MTC_API double mtc_erfcx(double x);

/** log B(a, b) = log of Gamma(a) Gamma(b) / Gamma(a + b), a, b > 0; error <= 1e-14 max(1, |result|). +INFINITY where a
 * or b <= 0. */
MTC_API double mtc_log_beta(double a, double b);
/** log of "n choose k" for real n >= k >= 0; error <= 1e-13 max(1, |result|) for n up to 1e6. -INFINITY where k < 0 or
 * k > n. */
MTC_API double mtc_log_choose(double n, double k);

#ifdef __cplusplus
}
#endif
#endif
