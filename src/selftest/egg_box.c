/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include <gsl/gsl_math.h>
#include <math.h>

static const selftest_box box = {2, 0.0, 10.0 * M_PI};

static double log_likelihood(const void *data, const double *t, double *grad)
{
    const double base = 2.0 + cos(0.5 * t[0]) * cos(0.5 * t[1]);
    (void)data;
    if (grad != NULL) {
        grad[0] = -2.5 * gsl_pow_4(base) * sin(0.5 * t[0]) * cos(0.5 * t[1]);
        grad[1] = -2.5 * gsl_pow_4(base) * cos(0.5 * t[0]) * sin(0.5 * t[1]);
    }
    return gsl_pow_5(base);
}

static const mtc_user_param params[] = {{"x", 0.0, 10.0 * M_PI}, {"y", 0.0, 10.0 * M_PI}};

const mtc_selftest_problem selftest_egg_box = {
    .name = "egg_box",
    .title = "18 equal modes in the plane",
    .source = "Feroz, Hobson & Bridges 2009, MNRAS 398:1601, section 6.1; quadrature",
    .log_evidence = 235.855940,
    .model = {.name = "egg_box",
              .n_param = 2,
              .param = params,
              .data = &box,
              .has_gradient = true,
              .log_prior = selftest_box_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = selftest_box_draw},
};
