/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include <gsl/gsl_math.h>

static const selftest_box box = {2, -5.0, 5.0};

static double log_likelihood(const void *data, const double *t, double *grad)
{
    const double r = t[1] - t[0] * t[0];
    (void)data;
    if (grad != NULL) {
        grad[0] = 2.0 * (1.0 - t[0]) + 400.0 * r * t[0];
        grad[1] = -200.0 * r;
    }
    return -gsl_pow_2(1.0 - t[0]) - 100.0 * r * r;
}

static const mtc_user_param params[] = {{"x", -5.0, 5.0}, {"y", -5.0, 5.0}};

const mtc_selftest_problem selftest_rosenbrock = {
    .name = "rosenbrock",
    .title = "a curved ridge that tapers",
    .source = "Rosenbrock 1960, Comput. J. 3:175; quadrature",
    .log_evidence = -5.804132,
    .model = {.name = "rosenbrock",
              .n_param = 2,
              .param = params,
              .data = &box,
              .has_gradient = true,
              .log_prior = selftest_box_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = selftest_box_draw},
};
