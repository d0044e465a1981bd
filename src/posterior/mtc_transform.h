/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TRANSFORM_H
#define MTC_TRANSFORM_H

#include "mtc_err.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a parameter with a given support is laid on the whole real line. z is unconstrained, x natural. */
typedef enum {
    MTC_TRANSFORM_IDENTITY,  /* R: x = z */
    MTC_TRANSFORM_LOG_ABOVE, /* (a, inf): x = a + e^z */
    MTC_TRANSFORM_LOG_BELOW, /* (-inf, b): x = b - e^z */
    MTC_TRANSFORM_LOGIT,     /* (a, b): x = a + (b - a) / (1 + e^-z) */
    MTC_TRANSFORM_LOG_LOGIT  /* (a, b), b >= 10 a > 0: the same for log x, since such ranges are meant on the log scale
                              */
} mtc_transform_kind;

/** A transform; plain data, made by mtc_transform_for. */
typedef struct {
    mtc_transform_kind kind;
    double lower, upper;
    double origin, width; /* LOGIT: lower and upper - lower; LOG_LOGIT: the same of log x */
} mtc_transform;

/** What a transform does at one point. */
typedef struct {
    double x;             /* natural value, within [lower, upper] */
    double dx;            /* dx/dz, > 0 or < 0 */
    double log_jacobian;  /* log |dx/dz| */
    double dlog_jacobian; /* its derivative by z */
} mtc_transformed;

/** The transform for a support lower < upper, either may be infinite. */
MTC_API mtc_transform mtc_transform_for(double lower, double upper);

/**
 * x and its Jacobian at z. False where z is no number, or so extreme that |x - bound| leaves [1e-290, 1e290] and
 * derivatives would overflow: the point is then outside and *out unspecified.
 */
MTC_API bool mtc_transform_eval(const mtc_transform *t, double z, mtc_transformed *out);

/** z with x(z) = x. An x at a bound or beyond gives the z of the nearest value inside, so that it is always finite. */
MTC_API double mtc_transform_inverse(const mtc_transform *t, double x);

#ifdef __cplusplus
}
#endif
#endif
