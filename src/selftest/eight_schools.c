/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_math.h>
#include <math.h>

/* mu ~ Normal(0, 5), tau ~ half-Cauchy(5), effects mu + tau eta_j with eta_j standard normal. */
enum { N_SCHOOL = 8, DIM = 2 + N_SCHOOL };
static const double effect[N_SCHOOL] = {28, 8, -3, 7, -1, 1, 18, 12}, error[N_SCHOOL] = {15, 10, 16, 11, 9, 11, 10, 18};
static const double scale = 5.0;

static double log_prior(const void *data, const double *t, double *grad)
{
    const double half_log_2pi = 0.5 * log(2.0 * M_PI);
    double value = -half_log_2pi - log(scale) - 0.5 * gsl_pow_2(t[0] / scale);
    (void)data;
    value += log(2.0 / (M_PI * scale)) - log1p(gsl_pow_2(t[1] / scale));
    for (size_t i = 2; i < DIM; i++) {
        value -= half_log_2pi + 0.5 * t[i] * t[i];
    }
    for (size_t i = 0; grad != NULL && i < DIM; i++) {
        grad[i] = i == 0 ? -t[0] / (scale * scale) : i == 1 ? -2.0 * t[1] / (scale * scale + t[1] * t[1]) : -t[i];
    }
    return value;
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    double value = 0.0;
    (void)data;
    for (size_t i = 0; grad != NULL && i < DIM; i++) {
        grad[i] = 0.0;
    }
    for (size_t j = 0; j < N_SCHOOL; j++) {
        const double off = (effect[j] - t[0] - t[1] * t[2 + j]) / error[j];
        value -= 0.5 * (log(2.0 * M_PI) + off * off) + log(error[j]);
        if (grad != NULL) {
            grad[0] += off / error[j];
            grad[1] += off / error[j] * t[2 + j];
            grad[2 + j] = off / error[j] * t[1];
        }
    }
    return value;
}

static void prior_draw(const void *data, gsl_rng *rng, double *t)
{
    (void)data;
    t[0] = scale * mtc_rng_normal(rng);
    t[1] = scale * tan(0.5 * M_PI * mtc_rng_uniform(rng));
    for (size_t i = 2; i < DIM; i++) {
        t[i] = mtc_rng_normal(rng);
    }
}

#define STANDARD(name)                                                                                                 \
    {                                                                                                                  \
        name, -HUGE_VAL, HUGE_VAL                                                                                      \
    }
static const mtc_user_param params[DIM] = {STANDARD("mu"),   {"tau", 0.0, HUGE_VAL}, STANDARD("eta1"), STANDARD("eta2"),
                                           STANDARD("eta3"), STANDARD("eta4"),       STANDARD("eta5"), STANDARD("eta6"),
                                           STANDARD("eta7"), STANDARD("eta8")};

const mtc_selftest_problem selftest_eight_schools = {
    .name = "eight_schools",
    .title = "a hierarchical model, 10 dimensions",
    .source = "Rubin 1981, J. Educ. Stat. 6:377; quadrature over mu and tau",
    .log_evidence = -31.311347,
    .model = {.name = "eight_schools",
              .n_param = DIM,
              .param = params,
              .has_gradient = true,
              .log_prior = log_prior,
              .log_likelihood = log_likelihood,
              .prior_draw = prior_draw},
};
