/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"
#include "mtc_special.h"
#include "priors_internal.h"

#include <math.h>

typedef struct {
    double mean, sd;
} normal;

static const mtc_key normal_keys[] = {
    {.key = "mean",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "mean before truncation"},
    {.key = "sd",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "standard deviation before truncation, > 0"},
    {.key = NULL},
};

static mtc_status normal_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    normal *n = self;
    const mtc_status st = mtc_prior_setting(spec, "mean", unit, MTC_SETTING_ANY, &n->mean, errors);
    const mtc_status st_sd = mtc_prior_setting(spec, "sd", unit, MTC_SETTING_POSITIVE, &n->sd, errors);
    return st != MTC_OK ? st : st_sd;
}

static void normal_support(const void *self, double *lower, double *upper)
{
    (void)self;
    *lower = -INFINITY;
    *upper = INFINITY;
}

static void normal_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const normal *n = self;
    const double z = (x - n->mean) / n->sd;
    *lp = -0.5 * z * z - LOG_SQRT_2PI - log(n->sd);
    *dlp = -z / n->sd;
}

static void normal_cdf(const void *self, double x, double *p, double *q)
{
    const normal *n = self;
    const double z = (x - n->mean) / n->sd;
    *p = mtc_normal_cdf(z);
    *q = mtc_normal_ccdf(z);
}

static double normal_quantile(const void *self, double p, double q)
{
    const normal *n = self;
    return n->mean + n->sd * (mtc_normal_quantile(p, q));
}

const mtc_prior_ops mtc_prior_normal = {
    .abi = MTC_PRIOR_ABI,
    .name = "normal",
    .title = "Normal",
    .formula = "p(x) = exp(-(x - mean)^2 / (2 sd^2)) / (sd sqrt(2 pi))",
    .source = "textbook",
    .keys = normal_keys,
    .self_size = sizeof(normal),
    .init = normal_init,
    .support = normal_support,
    .logpdf = normal_logpdf,
    .cdf = normal_cdf,
    .quantile = normal_quantile,
};
