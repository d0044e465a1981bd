/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"
#include "mtc_special.h"
#include "priors_internal.h"

#include <math.h>

typedef struct {
    double log_median, log_sd;
} lognormal;

static const mtc_key lognormal_keys[] = {
    {.key = "median",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "median before truncation, > 0"},
    {.key = "log_sd",
     .type = MTC_KEY_NUMBER,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "standard deviation of the natural logarithm before truncation, > 0"},
    {.key = NULL},
};

static mtc_status lognormal_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    lognormal *l = self;
    double median = 1.0;
    const mtc_status st = mtc_prior_setting(spec, "median", unit, MTC_SETTING_POSITIVE, &median, errors);
    const mtc_status st_sd = mtc_prior_setting(spec, "log_sd", MTC_UNIT_NONE, MTC_SETTING_POSITIVE, &l->log_sd, errors);
    l->log_median = st == MTC_OK ? log(median) : 0.0;
    return st != MTC_OK ? st : st_sd;
}

static void lognormal_support(const void *self, double *lower, double *upper)
{
    (void)self;
    *lower = 0.0;
    *upper = INFINITY;
}

static void lognormal_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const lognormal *l = self;
    if (!(x > 0.0)) {
        *lp = -INFINITY;
        *dlp = 0.0;
        return;
    }
    const double log_x = log(x);
    const double z = (log_x - l->log_median) / l->log_sd;
    *lp = -0.5 * z * z - LOG_SQRT_2PI - log(l->log_sd) - log_x;
    *dlp = -(z / l->log_sd + 1.0) / x;
}

static void lognormal_cdf(const void *self, double x, double *p, double *q)
{
    const lognormal *l = self;
    const double z = (log(x) - l->log_median) / l->log_sd;
    *p = mtc_normal_cdf(z);
    *q = mtc_normal_ccdf(z);
}

static double lognormal_quantile(const void *self, double p, double q)
{
    const lognormal *l = self;
    const double z = mtc_normal_quantile(p, q);
    return exp(l->log_median + l->log_sd * z);
}

const mtc_prior_ops mtc_prior_lognormal = {
    .abi = MTC_PRIOR_ABI,
    .name = "lognormal",
    .title = "LogNormal",
    .formula = "log x ~ Normal(log median, log_sd^2)",
    .source = "textbook",
    .keys = lognormal_keys,
    .self_size = sizeof(lognormal),
    .init = lognormal_init,
    .support = lognormal_support,
    .logpdf = lognormal_logpdf,
    .cdf = lognormal_cdf,
    .quantile = lognormal_quantile,
};
