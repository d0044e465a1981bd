/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include <gsl/gsl_math.h>
#include <math.h>

/*
 * x_i = sinh((asinh(y_i) + skew) / tail), y an AR(1) sequence of standard normals: skewed, heavy-tailed, correlated.
 */
enum { DIM = 10 };
static const selftest_box box = {DIM, -20.0, 20.0};
static const double skew = 0.3, tail = 0.8, correlation = 0.7;

/* log density of y, and its derivatives. */
static double log_ar1(const double *y, double *slope)
{
    const double v = 1.0 - correlation * correlation;
    double value = -0.5 * (DIM * log(2.0 * M_PI) + (DIM - 1) * log(v)) - 0.5 * y[0] * y[0];
    slope[0] = -y[0];
    for (size_t i = 1; i < DIM; i++) {
        const double r = y[i] - correlation * y[i - 1];
        value -= 0.5 * r * r / v;
        slope[i] = -r / v;
        slope[i - 1] += correlation * r / v;
    }
    return value;
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    double y[DIM], slope[DIM], log_jacobian = 0.0;
    (void)data;
    for (size_t i = 0; i < DIM; i++) {
        const double u = tail * asinh(t[i]) - skew;
        y[i] = sinh(u);
        log_jacobian += log(cosh(u)) + log(tail) - 0.5 * log1p(t[i] * t[i]);
    }
    const double value = log_ar1(y, slope) + log_jacobian;
    for (size_t i = 0; grad != NULL && i < DIM; i++) {
        const double u = tail * asinh(t[i]) - skew, du = tail / sqrt(1.0 + t[i] * t[i]);
        grad[i] = slope[i] * cosh(u) * du + tanh(u) * du - t[i] / (1.0 + t[i] * t[i]);
    }
    return value;
}

#define COORDINATE(name)                                                                                               \
    {                                                                                                                  \
        name, -20.0, 20.0                                                                                              \
    }
static const mtc_user_param params[DIM] = {COORDINATE("x1"), COORDINATE("x2"), COORDINATE("x3"), COORDINATE("x4"),
                                           COORDINATE("x5"), COORDINATE("x6"), COORDINATE("x7"), COORDINATE("x8"),
                                           COORDINATE("x9"), COORDINATE("x10")};

const mtc_selftest_problem selftest_skewed = {
    .name = "skewed_10",
    .title = "skewed and heavy-tailed, 10 dimensions",
    .source = "sinh-arcsinh transform (Jones & Pewsey 2009, Biometrika 96:761) of an AR(1) normal; -10 log 40",
    .log_evidence = -36.888795,
    .model = {.name = "skewed_10",
              .n_param = DIM,
              .param = params,
              .data = &box,
              .has_gradient = true,
              .log_prior = selftest_box_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = selftest_box_draw},
};
