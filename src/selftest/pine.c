/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_rng.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

/* Strength on density, or on density adjusted for resin: straight lines through centred predictors. */
enum { N_PINE = 42, DIM = 3 };
static const double pine[N_PINE][3] = {
    {3040, 29.2, 25.4}, {2470, 24.7, 22.2}, {3610, 32.3, 32.2}, {3480, 31.3, 31.0}, {3810, 31.5, 30.9},
    {2330, 24.5, 23.9}, {1800, 19.9, 19.2}, {3110, 27.3, 27.2}, {3160, 27.1, 26.3}, {2310, 24.0, 23.9},
    {4360, 33.8, 33.2}, {1880, 21.5, 21.0}, {3670, 32.2, 29.0}, {1740, 22.5, 22.0}, {2250, 27.5, 23.8},
    {2650, 25.6, 25.3}, {4970, 34.5, 34.2}, {2620, 26.2, 25.7}, {2900, 26.7, 26.4}, {1670, 21.1, 20.0},
    {2540, 24.1, 23.9}, {3840, 30.7, 30.7}, {3800, 32.7, 32.6}, {4600, 32.6, 32.5}, {1900, 22.1, 20.8},
    {2530, 25.3, 23.1}, {2920, 30.8, 29.8}, {4990, 38.9, 38.1}, {1670, 22.1, 21.3}, {3310, 29.2, 28.5},
    {3450, 30.1, 29.2}, {3600, 31.4, 31.4}, {2850, 26.7, 25.9}, {1590, 22.1, 21.4}, {3770, 30.3, 29.8},
    {3850, 32.0, 30.6}, {2480, 23.2, 22.6}, {3570, 30.3, 30.3}, {2620, 29.9, 23.8}, {1890, 20.8, 18.4},
    {3030, 33.2, 29.4}, {3030, 28.2, 28.2}};
static const double mean[2] = {3000.0, 185.0}, sd[2] = {1000.0, 100.0}, shape = 3.0, rate = 180000.0;

/* Column of the predictor and its mean. */
typedef struct {
    size_t column;
    double centre;
} predictor;
static const predictor density = {1, 1170.1 / N_PINE}, adjusted = {2, 1125.1 / N_PINE}; /* sums of the columns */

/* alpha, beta normal; the precision 1 / variance gamma. */
static double log_prior(const void *data, const double *t, double *grad)
{
    double value = shape * log(rate) - gsl_sf_lngamma(shape) + (shape - 1.0) * log(t[2]) - rate * t[2];
    (void)data;
    for (size_t i = 0; i < 2; i++) {
        const double z = (t[i] - mean[i]) / sd[i];
        value -= 0.5 * (log(2.0 * M_PI) + z * z) + log(sd[i]);
        if (grad != NULL) {
            grad[i] = -z / sd[i];
        }
    }
    if (grad != NULL) {
        grad[2] = (shape - 1.0) / t[2] - rate;
    }
    return value;
}

static double log_likelihood(const void *data, const double *t, double *grad)
{
    const predictor *p = data;
    double value = 0.0, slope[DIM] = {0.0};
    for (size_t i = 0; i < N_PINE; i++) {
        const double z = pine[i][p->column] - p->centre, r = pine[i][0] - t[0] - t[1] * z;
        value += 0.5 * (log(t[2]) - log(2.0 * M_PI)) - 0.5 * t[2] * r * r;
        slope[0] += t[2] * r;
        slope[1] += t[2] * r * z;
        slope[2] += 0.5 / t[2] - 0.5 * r * r;
    }
    for (size_t i = 0; grad != NULL && i < DIM; i++) {
        grad[i] = slope[i];
    }
    return value;
}

static void prior_draw(const void *data, gsl_rng *rng, double *t)
{
    (void)data;
    for (size_t i = 0; i < 2; i++) {
        t[i] = mean[i] + sd[i] * mtc_rng_normal(rng);
    }
    t[2] = gsl_cdf_gamma_Pinv(mtc_rng_uniform(rng), shape, 1.0 / rate);
}

static const mtc_user_param params[DIM] = {
    {"alpha", -HUGE_VAL, HUGE_VAL}, {"beta", -HUGE_VAL, HUGE_VAL}, {"precision", 0.0, HUGE_VAL}};

#define PINE(which, words, log_z)                                                                                      \
    const mtc_selftest_problem selftest_pine_##which = {                                                               \
        .name = "pine_" #which,                                                                                        \
        .title = "radiata pine, strength on " words,                                                                   \
        .source = "Williams 1959; Carlin & Chib 1995, J. R. Stat. Soc. B 57:473; quadrature",                          \
        .log_evidence = log_z,                                                                                         \
        .model = {.name = "pine_" #which,                                                                              \
                  .n_param = DIM,                                                                                      \
                  .param = params,                                                                                     \
                  .data = &(which),                                                                                    \
                  .has_gradient = true,                                                                                \
                  .log_prior = log_prior,                                                                              \
                  .log_likelihood = log_likelihood,                                                                    \
                  .prior_draw = prior_draw},                                                                           \
    }
PINE(density, "density", -309.924328);
PINE(adjusted, "adjusted density", -301.435102);
