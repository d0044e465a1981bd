/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_ONSET_H
#define MTC_ONSET_H

#include "mtc_err.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Accumulated competence of the primary, the one integral behind all founder counts:
 *
 *   P(c; u) = int_0^u exp(-c (u - u')) Phi((u' - u_s)/sigma_u) du',      u in doublings, c >= 0 per doubling
 *
 * so that, with c0 = alpha ln 2, kappa = D/tau and q = 2^(alpha (u - u_ref)), founders growing by the time the primary
 * has u doublings are mu D q [P(c0; u) - P(c0 + kappa; u)] (docs/model.md, section 1: J in scaled form, which neither
 * overflows nor needs a sign of c). Closed form with the Mills ratio; a series in c where c u is small.
 */
typedef struct {
    double u_onset;                                           /* u_s */
    double width;                                             /* sigma_u, > 0, doublings */
    double c;                                                 /* >= 0, per doubling */
    int series;                                               /* use the series in c */
    double start, start_c, start_gauss, start_phi, start_cdf; /* the terms of the lower limit u = 0 */
} mtc_onset;

/** Prepare P for u up to u_max. */
MTC_API void mtc_onset_init(mtc_onset *o, double u_onset, double width, double c, double u_max);

/**
 * P and its derivatives at n points u >= 0.
 * p       out: P, doublings, relative error <= 1e-11 where P > 1e-280, times 1 + y/3 at y sd below the onset
 * d_c, d_onset, d_width  out or all NULL: derivative by c, u_s, sigma_u
 */
MTC_API void mtc_onset_eval(const mtc_onset *o, const double *u, size_t n, double *p, double *d_c, double *d_onset,
                            double *d_width);

#ifdef __cplusplus
}
#endif
#endif
