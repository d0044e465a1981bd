/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

enum { N_TIME = 9 };
static const double years[N_TIME] = {0.31, 2.4, 0.77, 1.9, 0.12, 5.0, 3.3, 0.58, 5.0};
static const double is_event[N_TIME] = {1, 1, 1, 1, 1, 0, 0, 1, 0};
static const double shape = 2.5, rate = 1.4;

static double log_prior(const void *data, const double *t, double *grad)
{
    (void)data;
    if (grad != NULL) {
        grad[0] = (shape - 1.0) / t[0] - rate;
    }
    return shape * log(rate) - gsl_sf_lngamma(shape) + (shape - 1.0) * log(t[0]) - rate * t[0];
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    double events = 0.0, total = 0.0;
    (void)data;
    for (size_t i = 0; i < N_TIME; i++) {
        events += is_event[i];
        total += years[i];
    }
    if (grad != NULL) {
        grad[0] = events / t[0] - total;
    }
    return events * log(t[0]) - total * t[0];
}

static void prior_draw(const void *data, gsl_rng *rng, double *t)
{
    (void)data;
    t[0] = gsl_cdf_gamma_Pinv(mtc_rng_uniform(rng), shape, 1.0 / rate);
}

static const mtc_user_param params[] = {{"rate_per_year", 0.0, HUGE_VAL}};

const mtc_selftest_problem selftest_exponential_gamma = {
    .name = "exponential_gamma",
    .title = "9 exponential times, 3 of them censored",
    .source = "closed form",
    .log_evidence = -15.683158399823,
    .model = {.name = "exponential_gamma",
              .n_param = 1,
              .param = params,
              .has_gradient = true,
              .log_prior = log_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = prior_draw},
};
