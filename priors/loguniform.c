/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"

#include <math.h>

typedef struct {
    double lower, upper;
    double log_ratio; /* log(upper / lower) */
} loguniform;

static const mtc_key loguniform_keys[] = {
    {.key = "lower",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "smallest value, > 0"},
    {.key = "upper",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "largest value, > lower"},
    {.key = NULL},
};

static mtc_status loguniform_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    loguniform *u = self;
    const mtc_status st = mtc_prior_setting(spec, "lower", unit, MTC_SETTING_POSITIVE, &u->lower, errors);
    const mtc_status st_upper = mtc_prior_setting(spec, "upper", unit, MTC_SETTING_POSITIVE, &u->upper, errors);
    if (st != MTC_OK || st_upper != MTC_OK) {
        return st != MTC_OK ? st : st_upper;
    }
    if (!(u->lower < u->upper)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL, "lower must be below upper");
    }
    u->log_ratio = log(u->upper / u->lower);
    return MTC_OK;
}

static void loguniform_support(const void *self, double *lower, double *upper)
{
    const loguniform *u = self;
    *lower = u->lower;
    *upper = u->upper;
}

static void loguniform_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const loguniform *u = self;
    *lp = -log(x) - log(u->log_ratio);
    *dlp = -1.0 / x;
}

static void loguniform_cdf(const void *self, double x, double *p, double *q)
{
    const loguniform *u = self;
    *p = log(x / u->lower) / u->log_ratio;
    *q = log(u->upper / x) / u->log_ratio;
}

static double loguniform_quantile(const void *self, double p, double q)
{
    const loguniform *u = self;
    return p <= q ? u->lower * exp(p * u->log_ratio) : u->upper * exp(-q * u->log_ratio);
}

const mtc_prior_ops mtc_prior_loguniform = {
    .abi = MTC_PRIOR_ABI,
    .name = "loguniform",
    .title = "LogUniform",
    .formula = "p(x) = 1 / (x log(upper / lower))",
    .source = "textbook",
    .keys = loguniform_keys,
    .self_size = sizeof(loguniform),
    .init = loguniform_init,
    .support = loguniform_support,
    .logpdf = loguniform_logpdf,
    .cdf = loguniform_cdf,
    .quantile = loguniform_quantile,
};
