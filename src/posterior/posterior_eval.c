/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "posterior_internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- scratch ---- */

mtc_status posterior_ws_create(const void *self, void **ws, mtc_err *err)
{
    const mtc_posterior *p = self;
    mtc_status st = MTC_OK;
    posterior_ws *w = mtc_calloc(1, sizeof *w);
    *ws = NULL;
    if (w == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the scratch of model '%s'", p->target.name);
    }
    w->source = p->source;
    w->source_ws = mtc_calloc(p->n_source + 1, sizeof *w->source_ws);
    w->theta = mtc_calloc(p->n_param + 1, sizeof *w->theta);
    w->dx = mtc_calloc(p->n_free + 1, sizeof *w->dx);
    w->natural = mtc_calloc(p->n_free + 1, sizeof *w->natural);
    w->at = mtc_calloc(p->n_couple + 1, sizeof *w->at);
    w->values = mtc_calloc(p->n_theta_max + 1, sizeof *w->values);
    w->grad = mtc_calloc(p->n_theta_max + 1, sizeof *w->grad);
    if (w->source_ws == NULL || w->theta == NULL || w->dx == NULL || w->natural == NULL || w->at == NULL ||
        w->values == NULL || w->grad == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the scratch of model '%s'", p->target.name);
        goto out;
    }
    for (; w->n_source < p->n_source; w->n_source++) {
        const mtc_likelihood *l = &p->source[w->n_source].likelihood;
        MTC_TRY(l->ops->ws_create(l->self, &w->source_ws[w->n_source], err));
    }
    *ws = w;
    return MTC_OK;
out:
    posterior_ws_destroy(w);
    return st;
}

void posterior_ws_destroy(void *ws)
{
    posterior_ws *w = ws;
    if (w == NULL) {
        return;
    }
    for (size_t i = 0; i < w->n_source; ++i) {
        w->source[i].likelihood.ops->ws_destroy(w->source_ws[i]);
    }
    mtc_free(w->source_ws);
    mtc_free(w->theta);
    mtc_free(w->dx);
    mtc_free(w->natural);
    mtc_free(w->at);
    mtc_free(w->values);
    mtc_free(w->grad);
    mtc_free(w);
}

/* ---- one source ---- */

/* The first observation whose term is no number, for the message; "" where the terms do not tell. */
static void find_row(const posterior_source *s, void *source_ws, const double *values, char *buf, size_t size)
{
    mtc_reason reason = MTC_REASON_NONE;
    double value = 0.0;
    double *term = mtc_calloc(s->n_obs + 1, sizeof *term);
    buf[0] = '\0';
    if (term != NULL &&
        s->likelihood.ops->eval(s->likelihood.self, source_ws, values, &value, NULL, term, &reason, NULL) == MTC_OK) {
        for (size_t i = 0; i < s->n_obs && buf[0] == '\0'; ++i) {
            if (isnan(term[i])) {
                s->likelihood.ops->obs_label(s->likelihood.self, i, buf, size);
            }
        }
    }
    mtc_free(term);
}

static mtc_status defect(const mtc_posterior *p, posterior_ws *ws, size_t i, const char *what, mtc_err *err)
{
    const posterior_source *s = &p->source[i];
    char text[640] = "";
    char row[96] = "";
    size_t n = 0;
    for (size_t j = 0; j < s->n_theta && n + 1 < sizeof text; ++j) {
        const int wrote = snprintf(text + n, sizeof text - n, "%s%s = %.17g", j > 0 ? ", " : "",
                                   p->param[s->index[j]]->name, ws->values[j]);
        n += wrote > 0 ? (size_t)wrote : 0;
    }
    find_row(s, ws->source_ws[i], ws->values, row, sizeof row);
    return mtc_fail(err, MTC_ENAN, "source '%s' (%s)%s%s: %s at %s", s->name, s->likelihood.ops->name,
                    row[0] != '\0' ? ", " : "", row, what, text);
}

mtc_status posterior_eval_source(const mtc_posterior *p, posterior_ws *ws, size_t i, const double *theta,
                                 bool with_gradient, double *per_obs, double *value, mtc_reason *reason, mtc_err *err)
{
    const posterior_source *s = &p->source[i];
    const double infinity = HUGE_VAL;
    mtc_status st = MTC_OK;
    *reason = MTC_REASON_NONE;
    (void)mtc_posterior_source_theta(p, i, theta, ws->values);
    MTC_TRY(s->likelihood.ops->eval(s->likelihood.self, ws->source_ws[i], ws->values, value,
                                    with_gradient ? ws->grad : NULL, per_obs, reason, err));
    if (isnan(*value) || *value == infinity) {
        return defect(p, ws, i, "the log likelihood is not a number or +infinity", err);
    }
    for (size_t j = 0; with_gradient && *value > -infinity && j < s->n_theta; ++j) {
        if (isnan(ws->grad[j])) {
            return defect(p, ws, i, "the gradient is not a number", err);
        }
        if (isinf(ws->grad[j])) {
            *value = -infinity; /* so far out that a derivative overflows: no place to go to */
            *reason = MTC_REASON_MODEL_DOMAIN;
        }
    }
    if (*value == -infinity && *reason == MTC_REASON_NONE) {
        *reason = MTC_REASON_UNDERFLOW;
    }
out:
    return st;
}

/* ---- the target ---- */

void posterior_zero(double *x, size_t n)
{
    for (size_t i = 0; x != NULL && i < n; ++i) {
        x[i] = 0.0;
    }
}

static mtc_status eval_likelihood(const mtc_posterior *p, posterior_ws *ws, mtc_point *point, mtc_err *err)
{
    mtc_status st = MTC_OK;
    double *grad = point->grad_log_likelihood;
    double sum = 0.0;
    posterior_zero(ws->natural, p->n_free);
    for (size_t i = 0; i < p->n_source; ++i) {
        double value = 0.0;
        MTC_TRY(posterior_eval_source(p, ws, i, ws->theta, grad != NULL, NULL, &value, &point->reason, err));
        sum += value;
        if (isinf(value)) {
            break; /* the rest cannot bring it back */
        }
        for (size_t j = 0; grad != NULL && j < p->source[i].n_theta; ++j) {
            const long c = p->coordinate[p->source[i].index[j]];
            if (c >= 0) {
                ws->natural[c] += ws->grad[j];
            }
        }
    }
    if (grad != NULL && !isinf(sum)) {
        posterior_chain(p, ws, grad);
    }
    point->log_likelihood = sum;
out:
    return st;
}

mtc_status posterior_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err)
{
    const mtc_posterior *p = self;
    posterior_zero(point->grad_log_prior, p->n_free);
    posterior_zero(point->grad_log_likelihood, p->n_free);
    point->reason = MTC_REASON_NONE;
    if (!posterior_prior(p, ws, x, &point->log_prior, point->grad_log_prior)) {
        posterior_zero(point->grad_log_prior, p->n_free);
        point->log_prior = -INFINITY;
        point->log_likelihood = -INFINITY;
        point->reason = MTC_REASON_PRIOR_SUPPORT;
        return MTC_OK;
    }
    const mtc_status st = eval_likelihood(p, ws, point, err);
    if (st == MTC_OK && isinf(point->log_likelihood)) {
        posterior_zero(point->grad_log_likelihood, p->n_free);
    }
    return st;
}

mtc_status posterior_per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err)
{
    const mtc_posterior *p = self;
    posterior_ws *w = ws;
    mtc_status st = MTC_OK;
    double log_prior = 0.0;
    if (!posterior_prior(p, w, x, &log_prior, NULL)) {
        return mtc_fail(err, MTC_EDOMAIN, "model '%s': observations were asked for outside the prior's support",
                        p->target.name);
    }
    for (size_t i = 0; i < p->n_source; ++i) {
        double value = 0.0;
        mtc_reason reason = MTC_REASON_NONE;
        MTC_TRY(posterior_eval_source(p, w, i, w->theta, false, out + p->source[i].first_obs, &value, &reason, err));
    }
out:
    return st;
}
