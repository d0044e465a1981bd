/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_CURVE_H
#define MTC_CURVE_H

#include "mtc_course_point.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A size class (lower, upper] of primary diameters; lower = upper is an exact size. */
typedef struct {
    double lower_mm, upper_mm;
} mtc_size_class;

/**
 * Time to metastasis for size classes and times that are fixed once: S(t) = P(T > t), f(t) its density, F(t) = P(T <=
 * t), each averaged over the primary's size law truncated to the class (docs/model.md, sections 1, 2 and 7; the
 * quadrature is described in docs/numerics.md). Immutable after creation; shared by threads.
 */
typedef struct mtc_curve_plan mtc_curve_plan;

/**
 * t_years: n_t times >= 0. Classes next to each other share grids: order them by size where there are many.
 * Errors: MTC_ENOMEM, MTC_EDOMAIN. Copies its arguments.
 */
MTC_API mtc_status mtc_curve_plan_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class,
                                         const double *t_years, size_t n_t, mtc_curve_plan **out, mtc_err *err);

/** Values of a class at a time. */
enum { MTC_WANT_SURVIVAL = 1, MTC_WANT_DENSITY = 2, MTC_WANT_DISTRIBUTION = 4 };
/**
 * Ask for fewer values than all: `all` of every class and time, and each[c n_t + j] besides (NULL: none). What nobody
 * asks for costs nothing and is 0. Only before the plan is shared.
 */
MTC_API void mtc_curve_plan_want(mtc_curve_plan *plan, unsigned char all, const unsigned char *each);
MTC_API void mtc_curve_plan_destroy(mtc_curve_plan *plan);

/** Scratch of one thread for one plan; grows to what the hardest point so far needed. */
typedef struct mtc_curve_ws mtc_curve_ws;
MTC_API mtc_status mtc_curve_ws_create(const mtc_curve_plan *plan, mtc_curve_ws **out, mtc_err *err);
MTC_API void mtc_curve_ws_destroy(mtc_curve_ws *ws);

/** Values at one parameter point; each array n_class x n_t, row-major; plain probabilities and densities (per year). */
typedef struct {
    double *survival;     /* S */
    double *density;      /* f */
    double *distribution; /* F: summed directly, not 1 - S; NULL: not wanted at any time */
} mtc_curve_values;

typedef enum { MTC_DOMAIN_OK = 0, MTC_DOMAIN_OUTSIDE = 1 } mtc_domain;

/**
 * Evaluate. *domain is MTC_DOMAIN_OK, or why the point has no value (then the arrays are unspecified).
 * Accuracy: |error of log S, log f, log F(0)| <= 1e-8 over the prior's 99.9% region (tests/golden).
 */
MTC_API mtc_status mtc_curve_eval(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                                  mtc_curve_values *values, mtc_domain *domain, mtc_err *err);

/**
 * Reverse pass after mtc_curve_eval at the same point: gradient by point coordinates (length MTC_POINT_N) of a scalar
 * whose derivatives by S, f and F are given (0 for values that nobody wants; that of F may be NULL).
 */
MTC_API mtc_status mtc_curve_adjoint(const mtc_curve_plan *plan, mtc_curve_ws *ws, const mtc_course_point *p,
                                     const mtc_curve_values *bar, double *d_point, mtc_err *err);

#ifdef __cplusplus
}
#endif
#endif
