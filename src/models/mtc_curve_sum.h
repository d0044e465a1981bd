/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CURVE_SUM_H
#define MTC_CURVE_SUM_H

#include "mtc_curve.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What an observation asks of a curve. */
typedef enum {
    MTC_TERM_LOG_SURVIVAL, /* log S(t) */
    MTC_TERM_LOG_DENSITY,  /* log f(t) */
    MTC_TERM_LOG_INTERVAL, /* log [S(t) - S(t_upper)] */
    MTC_TERM_LOG_SURGERY   /* log F(0), metastasis at surgery; t_years = 0 */
} mtc_term_kind;

typedef struct {
    mtc_term_kind kind;
    size_t cls;           /* index into the size classes */
    double t_years;       /* >= 0 */
    double t_upper_years; /* intervals: > t_years, finite */
    double coefficient;
} mtc_curve_term;

/**
 * sum of coefficient times term over many observations, at a cost that does not grow with their number: the curves are
 * evaluated on Chebyshev nodes in log(t + 0.02 years), and the terms' interpolation weights are added up once. Exact
 * sizes share an interpolant in log diameter where there are more than 32 of them. An interval is the integral of f on
 * 32 Gauss nodes per 1.5 of log(t + 0.02 years), so that each distinct interval costs that many interpolations. The
 * interpolation is certified at every evaluation by the decay of its coefficients (<= 1e-8 per term); where it does not
 * decay, finer nodes and in the end the terms' own times are used. Immutable after creation; shared by threads.
 */
typedef struct mtc_curve_sum mtc_curve_sum;
/** Copies its arguments. Errors: MTC_ENOMEM, MTC_EDOMAIN (empty class, negative time, empty interval), MTC_ESIZE. */
MTC_API mtc_status mtc_curve_sum_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class,
                                        const mtc_curve_term *term, size_t n_term, mtc_curve_sum **out, mtc_err *err);
MTC_API void mtc_curve_sum_destroy(mtc_curve_sum *sum);

/** Scratch of one thread. */
typedef struct mtc_curve_sum_ws mtc_curve_sum_ws;
MTC_API mtc_status mtc_curve_sum_ws_create(const mtc_curve_sum *sum, mtc_curve_sum_ws **out, mtc_err *err);
MTC_API void mtc_curve_sum_ws_destroy(mtc_curve_sum_ws *ws);

/** Why a sum has no finite value. */
typedef enum { MTC_SUM_OK = 0, MTC_SUM_OUTSIDE_DOMAIN, MTC_SUM_UNDERFLOW } mtc_sum_state;

/**
 * value     out: the sum; -INFINITY with *state where it has none
 * d_point   NULL or out: derivative by point coordinates, length MTC_POINT_N
 * per_term  NULL or out: each term without its coefficient, n_term
 */
MTC_API mtc_status mtc_curve_sum_eval(const mtc_curve_sum *sum, mtc_curve_sum_ws *ws, const mtc_course_point *p,
                                      double *value, double *d_point, double *per_term, mtc_sum_state *state,
                                      mtc_err *err);

/** Curves (size classes or size nodes times times) that one evaluation computes at least: what it costs. */
MTC_API size_t mtc_curve_sum_cost(const mtc_curve_sum *sum);

#ifdef __cplusplus
}
#endif
#endif
