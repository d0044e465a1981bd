/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posterior_internal.h"

#include <math.h>
#include <stdio.h>

/* A value read from a file may differ from the fixed one by the rounding of its unit. */
#define FIXED_TOLERANCE 1e-12

static bool is_at_fixed(const mtc_prior *prior, double value)
{
    return fabs(value - prior->fixed_value) <= FIXED_TOLERANCE * fabs(prior->fixed_value);
}

/* One parameter's log density; on zero the reason is written. */
static double term_of(const mtc_posterior *p, size_t i, double value, double *slope, mtc_natural_point *point)
{
    const mtc_prior *prior = &p->prior[i];
    const char *name = p->param[i]->name;
    *slope = 0.0;
    if (prior->is_fixed) {
        if (is_at_fixed(prior, value)) {
            return 0.0;
        }
        (void)snprintf(point->log_prior_reason, sizeof point->log_prior_reason, "%s is fixed at %.15g, not %.15g", name,
                       prior->fixed_value, value);
        return -INFINITY;
    }
    const double lp = mtc_prior_logpdf(prior, value, slope);
    if (isinf(lp)) {
        (void)snprintf(point->log_prior_reason, sizeof point->log_prior_reason, "the prior of %s is zero at %.15g",
                       name, value);
    }
    return lp;
}

static void eval_prior(const mtc_posterior *p, const double *theta, mtc_natural_point *point)
{
    point->log_prior = 0.0;
    point->log_prior_reason[0] = '\0';
    for (size_t i = 0; i < p->n_param && !isinf(point->log_prior); ++i) {
        double slope = 0.0;
        point->log_prior += term_of(p, i, theta[i], &slope, point);
        if (point->grad_log_prior != NULL) {
            point->grad_log_prior[i] = slope;
        }
    }
    if (isinf(point->log_prior)) {
        posterior_zero(point->grad_log_prior, p->n_param);
    }
}

static bool is_in_domain(const mtc_posterior *p, const posterior_source *s, const double *theta)
{
    for (size_t j = 0; j < s->n_theta; ++j) {
        const mtc_param_info *info = p->param[s->index[j]];
        const double value = theta[s->index[j]];
        if (value < info->lower || value > info->upper) {
            return false;
        }
    }
    return true;
}

static mtc_status eval_one(const mtc_posterior *p, posterior_ws *ws, size_t i, const double *theta,
                           mtc_natural_point *point, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const posterior_source *s = &p->source[i];
    double *per_obs = point->per_obs != NULL ? point->per_obs + s->first_obs : NULL;
    double value = -INFINITY;
    mtc_reason reason = MTC_REASON_MODEL_DOMAIN;
    if (is_in_domain(p, s, theta)) {
        MTC_TRY(
            posterior_eval_source(p, ws, i, theta, point->grad_log_likelihood != NULL, per_obs, &value, &reason, err));
    } else {
        for (size_t k = 0; per_obs != NULL && k < s->n_obs; ++k) {
            per_obs[k] = -INFINITY;
        }
    }
    point->log_likelihood += value;
    if (point->reason == MTC_REASON_NONE) {
        point->reason = reason;
    }
    if (point->by_source != NULL) {
        point->by_source[i] = value;
    }
    for (size_t j = 0; point->grad_log_likelihood != NULL && !isinf(value) && j < s->n_theta; ++j) {
        point->grad_log_likelihood[s->index[j]] += ws->grad[j];
    }
out:
    return st;
}

mtc_status mtc_posterior_eval_natural(const mtc_posterior *p, void *ws, const double *theta, mtc_natural_point *point,
                                      mtc_err *err)
{
    mtc_status st = MTC_OK;
    if (p == NULL || ws == NULL || theta == NULL || point == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_posterior_eval_natural: an argument is missing");
    }
    for (size_t i = 0; i < p->n_param; ++i) {
        if (!isfinite(theta[i])) {
            return mtc_fail(err, MTC_EDOMAIN, "%s must be a finite number", p->param[i]->name);
        }
    }
    eval_prior(p, theta, point);
    point->log_likelihood = 0.0;
    point->reason = MTC_REASON_NONE;
    posterior_zero(point->grad_log_likelihood, p->n_param);
    for (size_t i = 0; i < p->n_source; ++i) {
        MTC_TRY(eval_one(p, ws, i, theta, point, err));
    }
    if (isinf(point->log_likelihood)) {
        posterior_zero(point->grad_log_likelihood, p->n_param);
    }
out:
    return st;
}
