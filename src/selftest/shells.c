/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_logmath.h"

#include <gsl/gsl_math.h>
#include <math.h>

enum { MAX_DIM = 10, N_SHELL = 2 };
static const selftest_box box_2 = {2, -6.0, 6.0}, box_10 = {10, -6.0, 6.0};
static const double centre[N_SHELL] = {-3.5, 3.5}, radius = 2.0, width = 0.1;

static double log_likelihood(const void *data, const double *t, double *grad)
{
    const size_t n = ((const selftest_box *)data)->n;
    double shell[N_SHELL], away[N_SHELL];
    for (size_t k = 0; k < N_SHELL; k++) {
        double square = 0.0;
        for (size_t i = 0; i < n; i++) {
            square += gsl_pow_2(t[i] - (i == 0 ? centre[k] : 0.0));
        }
        away[k] = sqrt(square);
        shell[k] = -0.5 * gsl_pow_2((away[k] - radius) / width) - 0.5 * log(2.0 * M_PI) - log(width);
    }
    const double value = mtc_log_sum(shell, N_SHELL);
    for (size_t i = 0; grad != NULL && i < n; i++) {
        grad[i] = 0.0;
        for (size_t k = 0; k < N_SHELL && away[k] > 0.0; k++) {
            grad[i] -= exp(shell[k] - value) * (away[k] - radius) / (width * width) *
                       (t[i] - (i == 0 ? centre[k] : 0.0)) / away[k];
        }
    }
    return value;
}

#define COORDINATE(name)                                                                                               \
    {                                                                                                                  \
        name, -6.0, 6.0                                                                                                \
    }
static const mtc_user_param params[MAX_DIM] = {COORDINATE("x1"), COORDINATE("x2"), COORDINATE("x3"), COORDINATE("x4"),
                                               COORDINATE("x5"), COORDINATE("x6"), COORDINATE("x7"), COORDINATE("x8"),
                                               COORDINATE("x9"), COORDINATE("x10")};

#define SHELLS(dim, log_z)                                                                                             \
    const mtc_selftest_problem selftest_shells_##dim = {                                                               \
        .name = "gaussian_shells_" #dim,                                                                               \
        .title = "two thin shells, " #dim " dimensions",                                                               \
        .source = "Feroz, Hobson & Bridges 2009, MNRAS 398:1601, section 6.2; quadrature",                             \
        .log_evidence = log_z,                                                                                         \
        .model = {.name = "gaussian_shells_" #dim,                                                                     \
                  .n_param = dim,                                                                                      \
                  .param = params,                                                                                     \
                  .data = &box_##dim,                                                                                  \
                  .has_gradient = true,                                                                                \
                  .log_prior = selftest_box_prior,                                                                     \
                  .log_likelihood = log_likelihood,                                                                    \
                  .prior_draw = selftest_box_draw},                                                                    \
    }
SHELLS(2, -1.745642);
SHELLS(10, -14.590491);
