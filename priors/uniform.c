/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"

#include <math.h>

typedef struct {
    double lower, upper;
} uniform;

static const mtc_key uniform_keys[] = {
    {.key = "lower",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "smallest value"},
    {.key = "upper",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "largest value, > lower"},
    {.key = NULL},
};

static mtc_status uniform_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    uniform *u = self;
    const mtc_status st = mtc_prior_setting(spec, "lower", unit, MTC_SETTING_ANY, &u->lower, errors);
    const mtc_status st_upper = mtc_prior_setting(spec, "upper", unit, MTC_SETTING_ANY, &u->upper, errors);
    if (st == MTC_OK && st_upper == MTC_OK && !(u->lower < u->upper)) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL, "lower must be below upper");
    }
    return st != MTC_OK ? st : st_upper;
}

static void uniform_support(const void *self, double *lower, double *upper)
{
    const uniform *u = self;
    *lower = u->lower;
    *upper = u->upper;
}

static void uniform_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const uniform *u = self;
    (void)x;
    *lp = -log(u->upper - u->lower);
    *dlp = 0.0;
}

static void uniform_cdf(const void *self, double x, double *p, double *q)
{
    const uniform *u = self;
    *p = (x - u->lower) / (u->upper - u->lower);
    *q = (u->upper - x) / (u->upper - u->lower);
}

static double uniform_quantile(const void *self, double p, double q)
{
    const uniform *u = self;
    const double width = u->upper - u->lower;
    return p <= q ? u->lower + p * width : u->upper - q * width;
}

const mtc_prior_ops mtc_prior_uniform = {
    .abi = MTC_PRIOR_ABI,
    .name = "uniform",
    .title = "Uniform",
    .formula = "p(x) = 1 / (upper - lower)",
    .source = "textbook",
    .keys = uniform_keys,
    .self_size = sizeof(uniform),
    .init = uniform_init,
    .support = uniform_support,
    .logpdf = uniform_logpdf,
    .cdf = uniform_cdf,
    .quantile = uniform_quantile,
};
