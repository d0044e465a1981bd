/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_priors.h"

#include <math.h>

typedef struct {
    double value;
} fixed;

static mtc_status fixed_init(void *self, const mtc_spec *spec, mtc_unit unit, mtc_errlist *errors)
{
    fixed *f = self;
    return mtc_prior_value(spec, "fixed", unit, &f->value, errors);
}

static void fixed_support(const void *self, double *lower, double *upper)
{
    const fixed *f = self;
    *lower = f->value;
    *upper = f->value;
}

/* A fixed parameter is a constant of the target and counts no density. */
static void fixed_logpdf(const void *self, double x, double *lp, double *dlp)
{
    const fixed *f = self;
    *lp = x == f->value ? 0.0 : -HUGE_VAL;
    *dlp = 0.0;
}

static void fixed_cdf(const void *self, double x, double *p, double *q)
{
    const fixed *f = self;
    *p = x >= f->value ? 1.0 : 0.0;
    *q = 1.0 - *p;
}

static double fixed_quantile(const void *self, double p, double q)
{
    const fixed *f = self;
    (void)p;
    (void)q;
    return f->value;
}

const mtc_prior_ops mtc_prior_fixed = {
    .abi = MTC_PRIOR_ABI,
    .name = "fixed",
    .title = "Fixed",
    .formula = "x = value; no density and no dimension",
    .source = "textbook",
    .keys = NULL,
    .self_size = sizeof(fixed),
    .init = fixed_init,
    .support = fixed_support,
    .logpdf = fixed_logpdf,
    .cdf = fixed_cdf,
    .quantile = fixed_quantile,
};
