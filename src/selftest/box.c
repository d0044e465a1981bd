/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "selftest_internal.h"

#include "mtc_rng.h"

#include <math.h>

double selftest_box_prior(const void *data, const double *theta, double *grad)
{
    const selftest_box *b = data;
    (void)theta;
    for (size_t i = 0; grad != NULL && i < b->n; i++) {
        grad[i] = 0.0;
    }
    return -(double)b->n * log(b->upper - b->lower);
}

void selftest_box_draw(const void *data, gsl_rng *rng, double *theta)
{
    const selftest_box *b = data;
    for (size_t i = 0; i < b->n; i++) {
        theta[i] = b->lower + (b->upper - b->lower) * mtc_rng_uniform(rng);
    }
}
