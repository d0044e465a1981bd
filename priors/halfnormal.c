/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"
#include "mtc_special.h"
#include "priors_internal.h"

#include <math.h>

typedef struct {
    double sd;
} halfnormal;

static const mtc_key halfnormal_keys[] = {
    {.key = "sd",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "standard deviation of the normal law that is folded at 0, > 0"},
    {.key = NULL},
};

static mtc_status halfnormal_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    halfnormal *h = self;
    return mtc_prior_setting(spec, "sd", unit, MTC_SETTING_POSITIVE, &h->sd, errors);
}

static void halfnormal_support(const void *self, double *lower, double *upper)
{
    (void)self;
    *lower = 0.0;
    *upper = INFINITY;
}

static void halfnormal_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const halfnormal *h = self;
    const double z = x / h->sd;
    *lp = -0.5 * z * z + LOG_2 - LOG_SQRT_2PI - log(h->sd);
    *dlp = -z / h->sd;
}

static void halfnormal_cdf(const void *self, double x, double *p, double *q)
{
    const halfnormal *h = self;
    const double y = x / (h->sd * SQRT_2);
    *p = erf(y);
    *q = erfc(y);
}

static double halfnormal_quantile(const void *self, double p, double q)
{
    const halfnormal *h = self;
    if (q < p) {
        return h->sd * mtc_normal_quantile(1.0 - 0.5 * q, 0.5 * q);
    }
    /* erf is close to linear here; Newton from its tangent at 0 climbs to the root and keeps relative accuracy */
    const double root = sqrt(HALF_PI);
    double z = p * root;
    for (int i = 0; i < 8; ++i) {
        z -= (erf(z / SQRT_2) - p) * root * exp(0.5 * z * z);
    }
    return h->sd * z;
}

const mtc_prior_ops mtc_prior_halfnormal = {
    .abi = MTC_PRIOR_ABI,
    .name = "halfnormal",
    .title = "HalfNormal",
    .formula = "p(x) = 2 exp(-x^2 / (2 sd^2)) / (sd sqrt(2 pi)), x >= 0",
    .source = "textbook",
    .keys = halfnormal_keys,
    .self_size = sizeof(halfnormal),
    .init = halfnormal_init,
    .support = halfnormal_support,
    .logpdf = halfnormal_logpdf,
    .cdf = halfnormal_cdf,
    .quantile = halfnormal_quantile,
};
