/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_SHIFT_H
#define MTC_TVDT_SHIFT_H

#include "mtc_err.h"
#include "tvdt_law.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Data of one study, whose log median doubling times share one shift b ~ Normal(0, omega^2). */
typedef struct {
    /** Log-likelihood under a law (already shifted); its derivatives are added to partials. */
    double (*eval)(const void *data, const mtc_tvdt_law *law, mtc_tvdt_partials *partials);
    const void *data;
    /** Upper bound, or good guess, of the curvature -d2/db2 of the log-likelihood near its mode; sets the first step.
     */
    double information;
    /** Upper bound of d2/db2 anywhere: 0 for a log-concave likelihood (all but mean with sd). */
    double convexity;
    /** Shifts between which (0 included) all modes of the likelihood lie; read only where convexity > 0. */
    double mode_lower, mode_upper;
} mtc_tvdt_group;

/**
 * log of the integral of exp(eval at shift b) Normal(b; 0, omega^2) db, omega = law->all[MTC_TVDT_OMEGA].
 *
 * Trapezoidal rule in b / omega, centred at the integrand's mode, from where it is e^-38 of the largest value on one
 * side to the same on the other; the step is halved until the value changes by less than 1e-6, and since each halving
 * at least squares the error of this rule for analytic integrands, the error is then below 1e-12 max(1, |value|), or
 * what rounding of the means leaves. omega = 0 and the limit to it are exact.
 *
 * partials  derivatives of the value by the law's entries are added: those of the integrand, averaged
 * d_omega   derivative by omega is added
 * value     out; -INFINITY where the likelihood without shift is below e^(-1e30)
 * Errors    MTC_EDOMAIN if the rule does not settle
 * Source    convergence of the rule: Trefethen & Weideman 2014, SIAM Review 56:385, theorem 5.1
 */
mtc_status mtc_tvdt_shift_integrate(const mtc_tvdt_group *group, const mtc_tvdt_law *law, mtc_tvdt_partials *partials,
                                    double *d_omega, double *value, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
