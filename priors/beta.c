/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"
#include "mtc_special.h"
#include "priors_internal.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

typedef struct {
    double a, b;
    double log_norm; /* log B(a, b) */
} beta_law;

static const mtc_key beta_keys[] = {
    {.key = "a",
     .type = MTC_KEY_NUMBER,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "first shape, > 0; the mean is a / (a + b)"},
    {.key = "b",
     .type = MTC_KEY_NUMBER,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "second shape, > 0"},
    {.key = NULL},
};

static mtc_status beta_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    beta_law *l = self;
    if (unit != MTC_UNIT_NONE) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL, "beta is only for parameters without unit");
    }
    const mtc_status st = mtc_prior_setting(spec, "a", MTC_UNIT_NONE, MTC_SETTING_POSITIVE, &l->a, errors);
    const mtc_status st_b = mtc_prior_setting(spec, "b", MTC_UNIT_NONE, MTC_SETTING_POSITIVE, &l->b, errors);
    if (st == MTC_OK && st_b == MTC_OK) {
        l->log_norm = mtc_log_beta(l->a, l->b);
        if (!isfinite(l->log_norm)) {
            return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL, "a or b of beta is too extreme");
        }
    }
    return st != MTC_OK ? st : st_b;
}

static void beta_support(const void *self, double *lower, double *upper)
{
    (void)self;
    *lower = 0.0;
    *upper = 1.0;
}

static void beta_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const beta_law *l = self;
    /* a shape of 1 leaves no 0 log 0 at its edge */
    const double left = l->a == 1.0 ? 0.0 : (l->a - 1.0) * log(x);
    const double right = l->b == 1.0 ? 0.0 : (l->b - 1.0) * log1p(-x);
    *lp = left + right - l->log_norm;
    *dlp = (l->a == 1.0 ? 0.0 : (l->a - 1.0) / x) - (l->b == 1.0 ? 0.0 : (l->b - 1.0) / (1.0 - x));
}

static void beta_cdf(const void *self, double x, double *p, double *q)
{
    const beta_law *l = self;
    *p = gsl_cdf_beta_P(x, l->a, l->b);
    *q = gsl_cdf_beta_Q(x, l->a, l->b);
}

static double beta_quantile(const void *self, double p, double q)
{
    /* from the smallest normal double to the last one below 1 */
    return priors_invert(&mtc_prior_beta, self, priors_map_logistic, -708.0, 36.7, p, q);
}

const mtc_prior_ops mtc_prior_beta = {
    .abi = MTC_PRIOR_ABI,
    .name = "beta",
    .title = "Beta",
    .formula = "p(x) = x^(a - 1) (1 - x)^(b - 1) / B(a, b), 0 < x < 1",
    .source = "textbook",
    .keys = beta_keys,
    .self_size = sizeof(beta_law),
    .init = beta_init,
    .support = beta_support,
    .logpdf = beta_logpdf,
    .cdf = beta_cdf,
    .quantile = beta_quantile,
};
