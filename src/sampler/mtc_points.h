/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_POINTS_H
#define MTC_POINTS_H

#include "mtc_exec.h"
#include "mtc_target.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Evaluate the target at n given points, in tasks of a job called `name`.
 * x  n x n_dim;  log_density  out: n, log prior + log likelihood, -INFINITY outside
 */
MTC_API mtc_status mtc_points_eval(const mtc_target *target, mtc_exec *exec, const char *name, const double *x,
                                   size_t n, double *log_density, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
