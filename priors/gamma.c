/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"
#include "priors_internal.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

typedef struct {
    double shape, scale;
    double log_norm; /* log Gamma(shape) + log scale */
} gamma_law;

static const mtc_key gamma_keys[] = {
    {.key = "shape",
     .type = MTC_KEY_NUMBER,
     .lower = -INFINITY,
     .upper = INFINITY,
     .required = true,
     .help = "shape, > 0"},
    {.key = "scale",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .help = "scale, > 0; one of scale, rate and mean"},
    {.key = "rate",
     .type = MTC_KEY_NUMBER,
     .lower = -INFINITY,
     .upper = INFINITY,
     .help = "1 / scale, > 0, for parameters without unit"},
    {.key = "mean",
     .type = MTC_KEY_QUANTITY,
     .lower = -INFINITY,
     .upper = INFINITY,
     .help = "shape times scale before truncation, > 0"},
    {.key = NULL},
};

/* The scale from whichever one of scale, rate and mean stands there. */
static mtc_status read_scale(gamma_law *g, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    const mtc_spec *rate = mtc_spec_find(spec, "rate");
    const int n_given = (mtc_spec_find(spec, "scale") != NULL) + (rate != NULL) + (mtc_spec_find(spec, "mean") != NULL);
    double value = 1.0;
    mtc_status st = MTC_OK;
    if (n_given != 1) {
        return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL,
                               "gamma needs exactly one of scale, rate and mean, got %d", n_given);
    }
    if (rate != NULL) {
        if (unit != MTC_UNIT_NONE) {
            return mtc_errlist_add(errors, MTC_ECONFIG, &rate->pos, "write scale or mean, with its unit",
                                   "rate is only for parameters without unit");
        }
        st = mtc_prior_setting(spec, "rate", MTC_UNIT_NONE, MTC_SETTING_POSITIVE, &value, errors);
        g->scale = 1.0 / value;
    } else if (mtc_spec_find(spec, "mean") != NULL) {
        st = mtc_prior_setting(spec, "mean", unit, MTC_SETTING_POSITIVE, &value, errors);
        g->scale = value / g->shape;
    } else {
        st = mtc_prior_setting(spec, "scale", unit, MTC_SETTING_POSITIVE, &g->scale, errors);
    }
    return st;
}

static mtc_status gamma_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    gamma_law *g = self;
    g->shape = 1.0;
    const mtc_status st = mtc_prior_setting(spec, "shape", MTC_UNIT_NONE, MTC_SETTING_POSITIVE, &g->shape, errors);
    const mtc_status st_scale = read_scale(g, spec, unit, errors);
    if (st == MTC_OK && st_scale == MTC_OK) {
        gsl_sf_result log_gamma = {0.0, 0.0};
        if (gsl_sf_lngamma_e(g->shape, &log_gamma) != 0 || !isfinite(log_gamma.val + log(g->scale))) {
            return mtc_errlist_add(errors, MTC_ECONFIG, &spec->pos, NULL, "shape or scale of gamma is too extreme");
        }
        g->log_norm = log_gamma.val + log(g->scale);
    }
    return st != MTC_OK ? st : st_scale;
}

static void gamma_support(const void *self, double *lower, double *upper)
{
    (void)self;
    *lower = 0.0;
    *upper = INFINITY;
}

static void gamma_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const gamma_law *g = self;
    const double z = x / g->scale;
    const double power = g->shape == 1.0 ? 0.0 : (g->shape - 1.0) * log(z); /* shape 1: no 0 log 0 at the edge */
    *lp = power - z - g->log_norm;
    *dlp = (g->shape == 1.0 ? 0.0 : (g->shape - 1.0) / x) - 1.0 / g->scale;
}

static void gamma_cdf(const void *self, double x, double *p, double *q)
{
    const gamma_law *g = self;
    *p = gsl_cdf_gamma_P(x, g->shape, g->scale);
    *q = gsl_cdf_gamma_Q(x, g->shape, g->scale);
}

static double gamma_quantile(const void *self, double p, double q)
{
    const gamma_law *g = self;
    const gamma_law unit = {g->shape, 1.0, g->log_norm - log(g->scale)};
    /* from the smallest normal double to where the upper tail has underflowed */
    return g->scale * priors_invert(&mtc_prior_gamma, &unit, priors_map_exp, -708.0, log(g->shape + 1.0) + 7.0, p, q);
}

const mtc_prior_ops mtc_prior_gamma = {
    .abi = MTC_PRIOR_ABI,
    .name = "gamma",
    .title = "Gamma",
    .formula = "p(x) = x^(shape - 1) exp(-x / scale) / (Gamma(shape) scale^shape), x > 0",
    .source = "textbook",
    .keys = gamma_keys,
    .self_size = sizeof(gamma_law),
    .init = gamma_init,
    .support = gamma_support,
    .logpdf = gamma_logpdf,
    .cdf = gamma_cdf,
    .quantile = gamma_quantile,
};
