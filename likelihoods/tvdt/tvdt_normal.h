/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_NORMAL_H
#define MTC_TVDT_NORMAL_H

#ifdef __cplusplus
extern "C" {
#endif

/** Gauss-Legendre rule of 20 nodes on (-1, 1): nodes and weights of its positive half. */
#define MTC_TVDT_GL_HALF 10
extern const double mtc_tvdt_gl_node[MTC_TVDT_GL_HALF];
extern const double mtc_tvdt_gl_weight[MTC_TVDT_GL_HALF];

/**
 * log P(a < Z < b) of a standard normal Z, a < b, either may be infinite; error <= 1e-14 max(1, |value|).
 * d_a, d_b  out: derivatives of the value by a (<= 0) and by b (>= 0)
 * Returns   -INFINITY where the probability is below the smallest number even in logarithms, or a >= b
 */
double mtc_tvdt_log_between(double a, double b, double *d_a, double *d_b);

#ifdef __cplusplus
}
#endif
#endif
