/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_math.h>
#include <math.h>

enum { N_ROW = 12 };
static const double row[N_ROW] = {1.9, -0.6, 2.45, 3.1, 0.27, 1.58, 4.02, 1.13, -1.3, 2.2, 0.94, 2.71};
static const double sd = 1.7, prior_mean = 0.8, prior_sd = 2.1;

static double log_prior(const void *data, const double *t, double *grad)
{
    const double z = (t[0] - prior_mean) / prior_sd;
    (void)data;
    if (grad != NULL) {
        grad[0] = -z / prior_sd;
    }
    return -0.5 * (log(2.0 * M_PI) + z * z) - log(prior_sd);
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    double value = 0.0, slope = 0.0;
    (void)data;
    for (size_t i = 0; i < N_ROW; i++) {
        const double z = (row[i] - t[0]) / sd;
        value -= 0.5 * (log(2.0 * M_PI) + z * z) + log(sd);
        slope += z / sd;
    }
    if (grad != NULL) {
        grad[0] = slope;
    }
    return value;
}

static void prior_draw(const void *data, gsl_rng *rng, double *t)
{
    (void)data;
    t[0] = prior_mean + prior_sd * mtc_rng_normal(rng);
}

static const mtc_user_param params[] = {{"mean", -HUGE_VAL, HUGE_VAL}};

const mtc_selftest_problem selftest_conjugate_normal = {
    .name = "conjugate_normal",
    .title = "mean of 12 normal numbers",
    .source = "closed form",
    .log_evidence = -23.454325913889,
    .model = {.name = "conjugate_normal",
              .n_param = 1,
              .param = params,
              .has_gradient = true,
              .log_prior = log_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = prior_draw},
};
