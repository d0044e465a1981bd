/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_LINE_H
#define TEST_LINE_H

#include "mtc_err.h"

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Ways to lay a support on the whole real line, to integrate densities there. z is unconstrained, x natural. */
typedef enum {
    TEST_LINE_IDENTITY,  /* R: x = z */
    TEST_LINE_LOG_ABOVE, /* (a, inf): x = a + e^z */
    TEST_LINE_LOG_BELOW, /* (-inf, b): x = b - e^z */
    TEST_LINE_LOGIT,     /* (a, b): x = a + (b - a) / (1 + e^-z) */
    TEST_LINE_LOG_LOGIT  /* (a, b), b >= 10 a > 0: the same for log x, since such ranges are meant on the log scale
                          */
} test_line_kind;

/** A transform; plain data, made by test_line_for. */
typedef struct {
    test_line_kind kind;
    double lower, upper;
    double origin, width; /* LOGIT: lower and upper - lower; LOG_LOGIT: the same of log x */
} test_line;

/** What a transform does at one point. */
typedef struct {
    double x;             /* natural value, within [lower, upper] */
    double dx;            /* dx/dz, > 0 or < 0 */
    double log_jacobian;  /* log |dx/dz| */
    double dlog_jacobian; /* its derivative by z */
} test_line_point;

/** The transform for a support lower < upper, either may be infinite. */
test_line test_line_for(double lower, double upper);

/**
 * x and its Jacobian at z. False where z is no number, or so extreme that |x - bound| leaves [1e-290, 1e290] and
 * derivatives would overflow: the point is then outside and *out unspecified.
 */
bool test_line_eval(const test_line *t, double z, test_line_point *out);

#ifdef __cplusplus
}
#endif
#endif
